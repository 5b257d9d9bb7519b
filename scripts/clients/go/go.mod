module polygate.invalid/clients

go 1.24

-- Sends the request of the environment and prints what was counted as one line of JSON.
wrk.method = os.getenv("BENCH_METHOD")
local hex = os.getenv("BENCH_BODY_HEX")
wrk.body = hex and hex:gsub("%x%x", function(byte) return string.char(tonumber(byte, 16)) end)
for name, value in (os.getenv("BENCH_HEADERS") or ""):gmatch("([^\n:]+): ([^\n]+)") do
  wrk.headers[name] = value
end

-- Looking at answers costs more than sending requests, so it is done where it is asked for. Only a global is seen from done().
local expected = tonumber(os.getenv("BENCH_ANSWER_BYTES"))
local threads = {}
wrong = 0

function setup(thread)
  table.insert(threads, thread)
end

if expected then
  function response(status, headers, body)
    if #body ~= expected then wrong = wrong + 1 end
  end
end

function done(summary, latency)
  local errors = summary.errors
  local others = 0
  for _, thread in ipairs(threads) do others = others + thread:get("wrong") end
  io.write(string.format(
    'RESULT {"answers":%d,"bytes":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,' ..
    '"failures":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d,"body":%d}}\n',
    summary.requests, summary.bytes, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.status, errors.timeout, others))
end

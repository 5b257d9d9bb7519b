/** Methods by the path that RPC protocols call them by: `/pkg.Service/Method`, exactly. */

export interface RpcTable<Target> {
  /** `path` as it stands in the request: gRPC names are case-sensitive and never encoded. */
  match(path: string): Target | undefined;
}

export interface RpcTableBuilder<Target> {
  /** The first one of a path stays. */
  add(path: string, target: Target): void;
  build(): RpcTable<Target>;
}

export function createRpcTable<Target>(): RpcTableBuilder<Target> {
  const targets = new Map<string, Target>();
  return {
    add(path, target) {
      if (!targets.has(path)) targets.set(path, target);
    },
    build: () => ({ match: (path) => targets.get(path) }),
  };
}

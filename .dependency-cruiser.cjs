// THINK ABOUT THE LAYERS BEFORE CHANGING THIS FILE.
// Which folder of src/ may import which, and which file may import which package. Checked by
// test/style/imports.test.ts, which also fails when no module was seen.

/**
 * Folder → the folders of src/ that it may import besides itself, types included. Each names folders
 * above it only, so that no cycle is possible: not of types either.
 */
const layers = {
  base: [],
  protocol: ['base'],
  log: ['base'],
  config: ['base', 'log'], // log: types only
  metrics: ['base', 'config'],
  metadata: ['base', 'protocol'],
  store: ['base'],
  partition: ['base', 'config', 'log', 'metadata', 'metrics'],
  cluster: ['base', 'metadata', 'store'],
  replicas: ['base', 'config', 'log', 'metadata', 'protocol', 'cluster'],
  controller: ['base', 'config', 'log', 'metadata', 'store', 'protocol', 'cluster', 'replicas'],
  network: ['base', 'config', 'metrics'],
  peer: ['base', 'metadata', 'network', 'protocol'],
  replication: ['base', 'log', 'metadata', 'peer', 'protocol'],
  relay: ['base', 'log', 'metadata', 'peer', 'protocol'], // log: types only
  handlers: [
    'relay',
    'base',
    'config',
    'protocol',
    'partition',
    'log',
    'metadata',
    'replicas',
    'controller',
    'metrics',
    'network',
  ],
  runtime: [
    'peer',
    'relay',
    'replication',
    'base',
    'config',
    'protocol',
    'partition',
    'log',
    'metadata',
    'replicas',
    'controller',
    'store',
    'handlers',
    'network',
    'metrics',
  ],
  client: ['base', 'protocol'],
  cli: ['base', 'config', 'client', 'log', 'protocol'],
}

/** Package → the only files that may import it. */
const importers = {
  'uWebSockets.js': '^(src/network/websocket-listener|bench/load/clients/empty-websocket)\\.ts$',
  piscina: '^src/log/recovery-pool\\.ts$',
  pino: '^src/base/pino-logger\\.ts$',
  'prom-client': '^src/metrics/registry\\.ts$',
  zod: '^src/config/',
  yaml: '^src/config/file\\.ts$',
  commander: '^src/cli/',
  'cli-progress': '^src/cli/',
  'hdr-histogram-js': '^(src/metrics|src/cli|bench)/',
  mitata: '^bench/micro/',
  ws: '^(src/client|bench/load/clients)/',
}

for (const [position, [folder, allowed]] of Object.entries(layers).entries()) {
  const above = Object.keys(layers).slice(0, position)
  for (const name of allowed) {
    if (!above.includes(name)) throw new Error(`layers: ${folder} names ${name}, not above it`)
  }
}

const layerRules = Object.entries(layers).map(([folder, allowed]) => ({
  name: `layer-${folder}`,
  comment: `src/${folder} may import ${allowed.join(', ') || 'nothing else'}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: {
    path: '^src/[^/]+/',
    pathNot: [`^src/${folder}/`, ...allowed.map((name) => `^src/${name}/`)],
  },
}))

const packageRules = Object.entries(importers).map(([name, files]) => ({
  name: `importer-${name}`,
  comment: `${name} has one importer: ${files}`,
  severity: 'error',
  from: { path: '^(src|bench)/', pathNot: files },
  to: { path: `^(node_modules/${name}(/|$)|${name}$)` },
}))

module.exports = {
  forbidden: [
    ...layerRules,
    ...packageRules,
    {
      name: 'handlers-take-types-from-the-network-only',
      comment: 'a handler sees the border (network/types.ts), never a socket',
      severity: 'error',
      from: { path: '^src/handlers/' },
      to: { path: '^src/network/', pathNot: '^src/network/types\\.ts$' },
    },
    {
      name: 'config-takes-types-from-the-log-only',
      severity: 'error',
      from: { path: '^src/config/' },
      to: { path: '^src/log/', pathNot: '^src/log/types\\.ts$' },
    },
    {
      name: 'main-is-started-by-serve-and-embed-only',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/(embed\\.ts|cli/commands/serve\\.ts|runtime/embedded/)',
      },
      to: { path: '^src/(main|embed)\\.ts' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'src-never-imports-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'not-to-dev-dependency',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}

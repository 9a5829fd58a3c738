// Joins the modules that a process or a worker loads into one file: it loads two hundred otherwise, which
// costs more than all the rest of its start. base/joined.ts takes the joined file while it is newer than
// the last compilation, and the modules themselves if not. What is imported only when it is needed stays
// in a file of its own.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join, relative } from 'node:path'

const ENTRIES = ['cli/program', 'runtime/control-worker', 'runtime/io-worker']

// Native addons and what starts threads from files beside its own.
const EXTERNAL = ['uWebSockets.js', 'piscina', 'node-gyp']

/** `compiled` is the folder that tsc wrote. */
export async function joinModules(compiled) {
  const { build } = createRequire(import.meta.url)('esbuild')
  const source = join(compiled, 'src')
  const joined = join(source, 'joined')
  const builds = await Promise.all(
    ENTRIES.map((entry) =>
      build({
        entryPoints: [join(source, `${entry}.js`)],
        outdir: joined,
        bundle: true,
        splitting: true,
        platform: 'node',
        target: 'node20',
        format: 'esm',
        external: EXTERNAL,
        // CommonJS packages among the joined ones ask for Node's modules in their own way.
        banner: {
          js: "import { createRequire as requireOfNode } from 'node:module';const require = requireOfNode(import.meta.url);",
        },
        minifyWhitespace: true,
        metafile: true,
        write: false,
        sourcemap: 'linked',
        logLevel: 'warning',
        plugins: [keepPlaces(source, joined), withoutForeignMaps],
      }),
    ),
  )
  const inputs = builds.flatMap(({ metafile }) => Object.keys(metafile.inputs))
  const licences = { path: join(joined, 'LICENSES.txt'), contents: licencesOf(inputs) }
  replaceFiles(joined, [...builds.flatMap(({ outputFiles }) => outputFiles), licences])
}

// A broker that starts meanwhile finds whole files: the parts are there before an entry names them, and
// what no entry names any more goes last.
function replaceFiles(folder, files) {
  mkdirSync(folder, { recursive: true })
  const entries = new Set(ENTRIES.map((entry) => `${basename(entry)}.js`))
  const isEntry = ({ path }) => entries.has(basename(path))
  for (const { path, contents } of files.toSorted((a, b) => isEntry(a) - isEntry(b))) {
    writeFileSync(`${path}.new`, contents)
    renameSync(`${path}.new`, path)
  }
  const kept = new Set(files.map(({ path }) => basename(path)))
  for (const name of readdirSync(folder)) {
    if (!kept.has(name)) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

// What is joined is a copy of the packages, which their licences allow together with their text.
function licencesOf(inputs) {
  const inPackage = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/
  const folders = new Set(inputs.flatMap((input) => input.match(inPackage) ?? []))
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(
        readFileSync(join(folder, 'package.json'), 'utf8'),
      )
      const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file))
      const text = texts.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
      return `${name} ${version} (${license})\n\n${text}`
    })
    .join(`\n${'-'.repeat(72)}\n\n`)
}

// A module that asks where it lies means the file it was compiled to.
function keepPlaces(source, joined) {
  return {
    name: 'keep-places',
    setup({ onLoad }) {
      onLoad({ filter: /\.js$/ }, ({ path }) => {
        if (!path.startsWith(source)) return undefined
        const contents = readFileSync(path, 'utf8')
        if (!contents.includes('import.meta.url')) return undefined
        const place = JSON.stringify(relative(joined, path))
        return {
          contents: contents.replaceAll(
            'import.meta.url',
            `new URL(${place}, import.meta.url).href`,
          ),
        }
      })
    },
  }
}

// Packages come with maps to sources that they do not come with.
const withoutForeignMaps = {
  name: 'without-foreign-maps',
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/.*\.[cm]?js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/gm, ''),
    }))
  },
}

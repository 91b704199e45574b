import { readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'
import { Trouble } from './bootstrap/trouble.mjs'
import { builtins } from './build/builtins.ts'

const root = join(import.meta.dirname, '..')

/** Lets CommonJS packages inside the ESM bundle reach Node's own modules by `require`; loaded when one does. */
const requireForCommonJs =
  "const require = (id) => process.getBuiltinModule('node:module').createRequire(import.meta.url)(id);"

const common = {
  absWorkingDir: root,
  bundle: true,
  // Names stay as they are: readable in messages, and cheaper than short ones that get their name back at run time.
  minifySyntax: true,
  minifyWhitespace: true,
  // The text of licenses goes into one file, below.
  legalComments: 'none',
  platform: 'node',
  format: 'esm',
  target: 'node24',
  banner: { js: requireForCommonJs },
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions

/** `npm run build`: the bundle in `dist/`. */
export async function main(): Promise<number> {
  const { outputs } = await bundle(join(root, 'dist'))
  const bytes = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0)
  console.log(`dist/: ${Object.keys(outputs).length} files, ${(bytes / 1024).toFixed(0)} KiB`)
  return 0
}

/**
 * Writes the whole program into `outdir` as ESM. `main.js` alone is all that `--help` reads; what a command does comes in
 * further files, of which it loads those it uses.
 */
export async function bundle(outdir: string): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true })
  const parts = new Map<string, string>()
  const main = await build({
    ...common,
    entryPoints: ['src/main.ts'],
    outdir,
    plugins: [builtins, english, apart(parts)],
  })
  const rest = await build({
    ...common,
    entryPoints: [...parts].map(([out, file]) => ({ in: file, out })),
    outdir,
    splitting: true,
    chunkNames: 'part-[hash]',
    plugins: [builtins, english],
  })
  const metafile = {
    inputs: { ...main.metafile.inputs, ...rest.metafile.inputs },
    outputs: { ...main.metafile.outputs, ...rest.metafile.outputs },
  }
  refuseNamelessParts(metafile)
  await writeFile(join(outdir, 'THIRD-PARTY.txt'), await thirdParty(metafile))
  return metafile
}

/** Leaves out zod's messages in fifty languages; ours are English. */
const english: Plugin = {
  name: 'english',
  setup({ onLoad }) {
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
    }))
  },
}

/** Leaves dynamic imports of our own files out of a bundle, under the name they will have; `parts` learns of each. */
const apart = (parts: Map<string, string>): Plugin => ({
  name: 'apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined
      const file = join(resolveDir, path)
      const name = relative(join(root, 'src'), file).replace(/\.ts$/, '').replaceAll('/', '-')
      parts.set(name, file)
      return { path: `./${name}.js`, external: true }
    })
  },
})

/**
 * A CommonJS package that is imported dynamically has its names in source, where Node finds them, and none in the
 * bundle. Imported statically by a file of ours, which may itself be imported dynamically, it has them in both.
 */
function refuseNamelessParts({ outputs }: Metafile): void {
  for (const { entryPoint, exports } of Object.values(outputs)) {
    if (entryPoint?.includes('node_modules/') && exports.join() === 'default') {
      throw new Trouble(
        `a dynamic import of ${entryPoint} would have no names in the bundle; import it statically in a file of its own`,
      )
    }
  }
}

/** Name, version and license text of every package whose code is in the bundle. */
async function thirdParty(metafile: Metafile): Promise<string> {
  const folders = new Set(Object.keys(metafile.inputs).flatMap((path) => packageFolder.exec(path)?.[0] ?? []))
  const sections = await Promise.all([...folders].sort().map(licenseOf))
  return `Muster's bundle contains these packages.\n\n${sections.join('\n')}`
}

const packageFolder = /^(?!builtin:).*node_modules\/(@[^/]+\/)?[^/]+/

async function licenseOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'))
  const names = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'license.md']
  const texts = await Promise.all(
    names.map((file) => readFile(join(root, folder, file), 'utf8').catch(() => undefined)),
  )
  const text = texts.find((candidate) => candidate !== undefined) ?? ''
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n\n${text.trim()}\n`
}

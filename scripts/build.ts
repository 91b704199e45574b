import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { Trouble } from './bootstrap/trouble.mjs'

const root = join(import.meta.dirname, '..')

/** Lets CommonJS packages inside the ESM bundle reach Node's own modules by `require`. */
const requireForCommonJs =
  "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);"

/** `npm run build`: the bundle in `dist/`. */
export async function main(): Promise<number> {
  const { outputs } = await bundle(join(root, 'dist'))
  const bytes = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0)
  console.log(`dist/: ${Object.keys(outputs).length} files, ${(bytes / 1024).toFixed(0)} KiB`)
  return 0
}

/** Writes the whole program into `outdir` as a few ESM files; what a command does not use, it does not load. */
export async function bundle(outdir: string): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/main.ts'],
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    // The text of licenses goes into one file, below; names stay readable in messages.
    legalComments: 'none',
    keepNames: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    chunkNames: 'part-[hash]',
    banner: { js: requireForCommonJs },
    metafile: true,
    logLevel: 'warning',
  })
  refuseNamelessParts(metafile)
  await writeFile(join(outdir, 'THIRD-PARTY.txt'), await thirdParty(metafile))
  return metafile
}

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

const packageFolder = /^.*node_modules\/(@[^/]+\/)?[^/]+/

async function licenseOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'))
  const names = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'license.md']
  const texts = await Promise.all(
    names.map((file) => readFile(join(root, folder, file), 'utf8').catch(() => undefined)),
  )
  const text = texts.find((candidate) => candidate !== undefined) ?? ''
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n\n${text.trim()}\n`
}

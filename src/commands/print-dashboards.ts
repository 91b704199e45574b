/** Dashboards on standard output, or as files in a folder. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dashboards, renderNamed } from '../outlets/dashboards/all.ts'
import { exitCodes } from './exit.ts'
import { tellProblem } from './open.ts'

export async function printDashboards(
  name: string,
  { all, out }: { readonly all?: true; readonly out?: string },
): Promise<number> {
  if (out !== undefined) return writeAll(out)
  const wanted = dashboards.filter((one) => all === true || one.name === name)
  const texts = wanted.map(renderNamed)
  process.stdout.write(all === true ? `[${texts.join(',')}]\n` : texts.join(''))
  return exitCodes.fine
}

async function writeAll(folder: string): Promise<number> {
  try {
    await mkdir(folder, { recursive: true })
    for (const dashboard of dashboards) {
      const file = join(folder, `muster-${dashboard.name}.json`)
      await writeFile(file, renderNamed(dashboard))
      process.stdout.write(`${file}\n`)
    }
    return exitCodes.fine
  } catch (error) {
    tellProblem({
      code: 'dashboard.folder',
      message: `The dashboards cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      next: 'Name a folder in which this user may write: muster dashboard --out FOLDER.',
      retry: 'never',
    })
    return exitCodes.failed
  }
}

import { join } from 'node:path'
import { generateAll, writeGenerated } from './generated.ts'

/** `npm run gen`: writes every generated file that is not up to date, and says which. */
export async function main(): Promise<number> {
  const root = join(import.meta.dirname, '..')
  const files = await generateAll(root)
  const stale = await writeGenerated(root, files)
  for (const { path, why } of stale)
    console.log(`${why === 'has no generator any more' ? 'removed' : 'written'}  ${path}`)
  console.log(`${files.length} generated files, ${stale.length} changed`)
  return 0
}

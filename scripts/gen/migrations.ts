import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { banner, type Generate } from '../generated.ts'

const folder = 'src/ledger/migrations'

/** The SQL files as a module, so that the bundle holds them and nothing is looked up beside it at run time. */
export const generate: Generate = async (root) => {
  if (!existsSync(join(root, folder))) return []
  const names = (await readdir(join(root, folder))).filter((name) => name.endsWith('.sql')).sort()
  const migrations = await Promise.all(names.map((name) => readMigration(root, name)))
  migrations.forEach(({ version, file }, index) => {
    if (version !== index + 1)
      throw new Error(`${folder}/${file} should have the number ${index + 1}: migrations count without gaps`)
  })
  const entries = migrations.map(
    ({ version, name, sql }) => `  { version: ${version}, name: '${name}', sql: ${toLiteral(sql)} },\n`,
  )
  const content = `${banner(`${folder}/*.sql`)}
/** In order; \`version\` counts from 1 without gaps. */
export const migrations: readonly { readonly version: number; readonly name: string; readonly sql: string }[] = [
${entries.join('')}]
`
  return [{ path: 'src/ledger/migrations.generated.ts', content }]
}

async function readMigration(root: string, file: string) {
  const [, number, name] = /^(\d{3})-([a-z0-9-]+)\.sql$/.exec(file) ?? []
  if (number === undefined || name === undefined)
    throw new Error(`${folder}/${file} should be named like 001-first-tables.sql`)
  return { version: Number(number), name, file, sql: await readFile(join(root, folder, file), 'utf8') }
}

const toLiteral = (sql: string) => `\`${sql.replace(/[\\`]|\$\{/g, (special) => `\\${special}`)}\``

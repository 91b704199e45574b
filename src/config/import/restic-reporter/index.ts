/** The configuration of restic-reporter: a list of repositories. Source: its README and code, version 1.0.1. */
import type { ConfigFinding } from '../../finding.ts'
import { placeOf } from '../../place.ts'
import { maskUrl } from '../../show.ts'
import type { FileImporter, Imported, ImportWish } from '../importer.ts'
import { lineAt, readJson } from '../json.ts'
import { readCron } from './cron.ts'
import { type Fields, type Found, readFields } from './fields.ts'
import { namesOf } from './names.ts'

/** It read all repositories at once. */
const concurrency = 16
const usualCron = '0 0 * * *'

export const importer: FileImporter = {
  system: 'restic-reporter',
  reads: 'file',
  defaultFile: 'config.json',
  serves: {
    flags: ['bind', 'cron'],
    says: {
      badReload: 'Error reloading configuration',
      busy: 'GatherMetrics already running, can not start another instance',
    },
  },
  read,
}

interface Entry {
  readonly at: number
  readonly index: number
  readonly fields: Fields
}

function read(text: string, wish: ImportWish): Imported {
  const failed = (errors: readonly Found[], warnings: readonly Found[] = []): Imported => ({
    errors: errors.map((one) => placed(text, one)),
    warnings: warnings.map((one) => placed(text, one)),
    notes: [],
    leftOut: [],
  })
  const json = readJson(text)
  if (!json.ok) return failed([{ path: [], ...json }])
  if (json.root.kind !== 'list')
    return failed([
      { at: json.root.at, path: [], message: 'is no list', next: 'Write a list of repositories: [ { "repo": … } ].' },
    ])
  const errors: Found[] = []
  const warnings: Found[] = json.trailingCommas.map((at) => ({ at, path: [], ...trailingComma }))
  const entries: Entry[] = []
  for (const [index, node] of json.root.items.entries()) {
    if (node.kind !== 'object') {
      const message = node.kind === 'other' && node.value === null ? 'is null' : 'is no repository'
      errors.push({ at: node.at, path: [index], message, next: 'Write { "repo": … } here, or take the entry out.' })
      continue
    }
    const found = readFields(node, index)
    errors.push(...found.errors)
    warnings.push(...found.warnings)
    entries.push({ at: node.at, index, fields: found.fields })
  }
  const cron = readCron(wish.cron ?? usualCron)
  const enabled = entries.filter(({ fields }) => !fields.disabled)
  errors.push(...enabled.flatMap(missingAddress), ...twice(enabled))
  warnings.push(...enabled.flatMap(oddities))
  if (errors.length > 0 || !cron.ok) {
    const problem = cron.ok ? undefined : cron.problem
    const bad = failed(errors, warnings)
    return problem === undefined
      ? bad
      : { ...bad, errors: [...bad.errors, { path: ['--cron'], message: problem.message, next: problem.next }] }
  }
  const named = entries.filter(({ fields }) => fields.repo !== '')
  const names = namesOf(named.map(({ fields }) => fields.repo))
  const settings = named.map(({ fields }, at) => ({
    name: names[at] ?? '',
    fields,
    settings: toSettings(fields, cron.value.schedule),
  }))
  return {
    raw: {
      ...(cron.value.timezone !== undefined && { timezone: cron.value.timezone }),
      concurrency,
      repositories: Object.fromEntries(
        settings.filter(({ fields }) => !fields.disabled).map(({ name, settings: of }) => [name, of]),
      ),
    },
    errors: [],
    warnings: warnings.map((one) => placed(text, one)),
    notes: [
      `Read at ${cron.value.schedule}${wish.cron === undefined ? ', as restic-reporter does without --cron' : ', as --cron says'}.`,
      'Not carried: --bind. Set server.listen, and server.auth where others than this machine ask.',
      'The metrics are at /compat/restic-reporter/metrics; their labels and values are the same.',
      ...(enabled.some(({ fields }) => maskUrl(fields.repo) !== fields.repo)
        ? ['Passwords in addresses are masked in the label url, unless muster serve has --compat-exact.']
        : []),
    ],
    leftOut: settings
      .filter(({ fields }) => fields.disabled)
      .map(({ name, settings: of }) => ({ name, why: 'it is disabled', settings: of })),
  }
}

/** A repository as it stands in muster.yaml. */
function toSettings(fields: Fields, schedule: string): object {
  const { repo, password, vault_material: material, b2_vault_material: b2Material, b2_key: b2Key } = fields
  const isB2 = repo.startsWith('b2:')
  const environment =
    b2Key === '' && b2Material !== ''
      ? { B2_ACCOUNT_ID: { vault: b2Material, key: 'id' }, B2_ACCOUNT_KEY: { vault: b2Material, key: 'key' } }
      : {
          ...(fields.b2_account_id !== '' && { B2_ACCOUNT_ID: fields.b2_account_id }),
          ...(b2Key !== '' && { B2_ACCOUNT_KEY: b2Key }),
        }
  return {
    tool: 'restic',
    url: repo,
    ...(password !== '' ? { password } : material !== '' && { password: { vault: material } }),
    ...(isB2 && Object.keys(environment).length > 0 && { environment }),
    read: {
      every: schedule,
      timeLimit: '15m',
      // To measure a bucket costs money, and nobody asked for it before.
      ...(isB2 && { statsEvery: '30d' }),
    },
  }
}

const missingAddress = ({ at, index, fields }: Entry): Found[] =>
  fields.repo !== ''
    ? []
    : [{ at, path: [index, 'repo'], message: 'is missing', next: 'Add it, such as "repo": "rest:https://host/path".' }]

/** Two entries of one address would be two series of one name. */
function twice(entries: readonly Entry[]): Found[] {
  const first = new Map<string, number>()
  return entries.flatMap(({ at, index, fields }) => {
    const key = placeOf(fields.repo)
    const other = first.get(key)
    if (fields.repo === '' || other === undefined) {
      first.set(key, index)
      return []
    }
    const message = `is the same repository as [${other}]`
    return [{ at, path: [index, 'repo'], message, next: 'Take one of the two out, or write "disabled": true into it.' }]
  })
}

function oddities({ at, index, fields }: Entry): Found[] {
  const found: Found[] = []
  const odd = (key: keyof Fields, message: string, next: string) =>
    found.push({ at, path: [index, key], message, next })
  const isB2 = fields.repo.startsWith('b2:')
  if (fields.password === '' && fields.vault_material === '')
    odd('password', 'is missing: the repository cannot be read', 'Add password or vault_material.')
  if (fields.password !== '' && fields.vault_material !== '')
    odd('vault_material', 'is not carried: the password beside it counts', 'Take one of the two out.')
  if (isB2 && fields.b2_key !== '' && fields.b2_vault_material !== '')
    odd('b2_vault_material', 'is not carried: the b2_key beside it counts', 'Take one of the two out.')
  if (isB2 && fields.b2_key === '' && fields.b2_vault_material !== '' && fields.b2_account_id !== '')
    odd('b2_account_id', 'is not carried: b2_vault_material holds id and key', 'Take it out.')
  if (!isB2)
    for (const key of ['b2_vault_material', 'b2_account_id', 'b2_key'] as const)
      if (fields[key] !== '') odd(key, 'is not carried: this repository is not in B2', 'Take it out.')
  return found
}

const trailingComma = {
  message: 'a comma behind the last entry, which JSON does not allow',
  next: 'Take it out; it is read all the same.',
}

const placed = (text: string, { at, ...finding }: Found): ConfigFinding => ({
  path: finding.path,
  ...lineAt(text, at),
  message: finding.message,
  next: finding.next,
})

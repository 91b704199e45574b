/** Which keys are read, in which order: how the modules ended first, what only adorns it last. */
import type { Fields, Found, FoundPlan, FoundStatus } from './found.ts'
import { type BackupKey, backupKeys, isId, keys, parseBackupKey } from './keys.ts'
import { forAll, type Reader } from './reader.ts'

const mostKeys = 20_000
/** Pairs of module and plan that are asked about one by one. */
const mostPairs = 10_000

const ownFields = ['result', 'timestamp', 'error', 'errors'] as const
const moduleFields = ['errors', 'start', 'end', 'error'] as const
const planFields = ['repository', 'name', 'schedule', 'enabled', 'instances'] as const
/** Beside them stand secrets, which nobody asks for. */
const destinationFields = ['url', 'name', 'provider'] as const

/** @param ids Of plans, each an id; none: all. */
export async function readFound(reader: Reader, ids: readonly string[]): Promise<Found> {
  const found = await reader.scan(backupKeys, mostKeys, (key) => parseBackupKey(key) !== undefined)
  const all = found.map(parseBackupKey).filter((key) => key !== undefined)
  const wanted = all.filter((key) => !('plan' in key) || ids.length === 0 || ids.includes(key.plan))
  const statuses = await readStatuses(reader, wanted)
  const plans = await readPlans(reader, wanted, [
    ...new Set([...ids, ...wanted.flatMap((key) => ('plan' in key ? [key.plan] : []))]),
  ])
  const modules = modulesOf(plans, statuses)
  const nodes = await readNodes(reader, modules)
  const destinations = new Map<string, Fields>()
  for (const id of new Set(plans.map(({ fields }) => fields?.repository ?? '')))
    if (isId(id)) destinations.set(id, (await reader.hash(keys.destination(id), destinationFields, 'nice')) ?? {})
  const titles = new Map<string, string>()
  await forAll(modules, async (module) => {
    const title = await reader.text(keys.title(module))
    if (title !== undefined) titles.set(module, title)
  })
  return { plans, statuses, titles, destinations, isCut: reader.problem !== undefined, ...(nodes && { nodes }) }
}

async function readStatuses(reader: Reader, wanted: readonly BackupKey[]): Promise<FoundStatus[]> {
  const statuses = await forAll(wanted, async (key): Promise<FoundStatus[]> => {
    if (key.kind === 'own' || key.kind === 'module') {
      const { kind: shape, module, plan } = key
      const content = await (shape === 'own'
        ? reader.hash(keys.own(module, plan), ownFields)
        : reader.hash(keys.module(module, plan), moduleFields))
      // Gone since it was listed: it is written anew at this moment.
      return content === null ? [] : [{ shape, plan, module, ...(content && { content }) }]
    }
    if (key.kind !== 'node') return []
    const { node, plan } = key
    const fields = await reader.wholeHash(keys.node(node, plan), isId)
    return Object.entries(fields ?? {}).map(([module, content]) => ({ shape: 'node', plan, module, node, content }))
  })
  return statuses.flat()
}

async function readPlans(reader: Reader, wanted: readonly BackupKey[], ids: readonly string[]): Promise<FoundPlan[]> {
  const members = await readMembers(reader, wanted, ids)
  return forAll(ids, async (id): Promise<FoundPlan> => {
    const fields = await reader.hash(keys.plan(id), planFields)
    const status = wanted.some((key) => key.kind === 'plan-status' && key.plan === id)
      ? await reader.hash(keys.planStatus(id), ownFields)
      : undefined
    return { id, members: members.get(id) ?? [], ...(fields && { fields }), ...(status && { status }) }
  })
}

/** Asked one by one, so that nobody has to fetch a set of unknown size. */
async function readMembers(
  reader: Reader,
  wanted: readonly BackupKey[],
  ids: readonly string[],
): Promise<Map<string, string[]>> {
  const modules = wanted.flatMap((key) => (key.kind === 'plans-of-module' ? [key.module] : []))
  const pairs = modules.flatMap((module) => ids.map((plan) => ({ module, plan })))
  if (pairs.length > mostPairs)
    reader.notes.push(`Only ${mostPairs} of ${pairs.length} pairs of module and plan were asked about.`)
  const members = new Map<string, string[]>()
  await forAll(pairs.slice(0, mostPairs), async ({ module, plan }) => {
    if (await reader.isMember(keys.plansOfModule(module), plan))
      members.set(plan, [...(members.get(plan) ?? []), module])
  })
  return members
}

function modulesOf(plans: readonly FoundPlan[], statuses: readonly FoundStatus[]): string[] {
  const listed = plans.flatMap(({ fields, members }) => [...members, ...(fields?.instances ?? '').split(/\s+/)])
  return [...new Set([...statuses.map(({ module }) => module), ...listed.filter(isId)])].slice(0, mostPairs)
}

/** undefined: no such map, or none that could be read. */
async function readNodes(reader: Reader, modules: readonly string[]): Promise<Map<string, string> | undefined> {
  const fields = await reader.hash(keys.moduleNode, modules)
  return fields ? new Map(Object.entries(fields)) : undefined
}

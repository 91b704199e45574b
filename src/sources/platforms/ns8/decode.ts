/** From what was found in Redis to plans and parts. Pure. */
import type { Part, Plan } from '../../../model/diagnosis.ts'
import { redactor } from '../../../system/redact.ts'
import { oneLine } from '../../../system/text.ts'
import type { Found, FoundPlan, FoundStatus, Shape } from './found.ts'
import { isId, keys } from './keys.ts'
import { decodeStatus, type ModuleStatus } from './status.ts'

export interface Asked {
  /** Of plans, as labels named them. None: what ended lately. */
  readonly ids: readonly string[]
  readonly now: Date
  readonly recentWindowMs: number
}

export interface Decoded {
  readonly plans: readonly Plan[]
  readonly parts: readonly Part[]
  readonly notes: readonly string[]
}

interface Known extends ModuleStatus {
  readonly found: FoundStatus
}

const longestName = 120
const longestMessage = 2_000
const mostNotes = 50
/** In the words of ns8-backup-monitor, whose users look for it in the log. */
export const nothingFound = 'No recent backup status keys found in Redis'

const shapeNames: Readonly<Record<Shape, string>> = {
  own: 'module/<module>/backup/<plan>/status',
  module: 'module/<module>/backup_status/<plan>, as up to 3.19',
  node: 'node/<node>/backup_status/<plan>, as from 3.20',
}

/** Passwords in addresses, wherever somebody wrote one. */
const redact = redactor([])
const shown = (text: string, most = longestName): string => oneLine(redact(text)).trim().slice(0, most)

export function decode(found: Found, { ids, now, recentWindowMs }: Asked): Decoded {
  const notes: string[] = []
  const isRecent = (at: Date | undefined): boolean => at !== undefined && now.getTime() - at.getTime() <= recentWindowMs
  const known = found.statuses.map((status): Known => {
    const decoded = decodeStatus(status, now)
    if (decoded.note !== undefined) notes.push(`${keyOf(status)} ${decoded.note}.`)
    return { ...decoded, found: status }
  })
  const byPlan = Map.groupBy(known, ({ found }) => found.plan)
  const chosen = found.plans.filter(
    ({ id, status }) =>
      ids.includes(id) ||
      (ids.length === 0 &&
        ((byPlan.get(id) ?? []).some(({ at }) => isRecent(at)) ||
          (status !== undefined && isRecent(decodeStatus({ shape: 'own', content: status }, now).at)))),
  )
  const parts = chosen.flatMap((plan) => partsOf(plan, byPlan.get(plan.id) ?? [], found, { now, isRecent, notes }))
  for (const id of ids.filter(isId))
    if (!found.isCut && !found.plans.some((plan) => plan.id === id && plan.fields))
      notes.push(`There is no backup plan ${id} in Redis.`)
  const used = new Set(chosen.flatMap(({ id }) => (byPlan.get(id) ?? []).map((one) => one.found.shape)))
  const hasStatus = used.size > 0 || chosen.some(({ status }) => status !== undefined)
  if (used.size > 0) notes.unshift(`Statuses were found at ${[...used].map((shape) => shapeNames[shape]).join('; ')}.`)
  if (!hasStatus && !found.isCut) notes.unshift(nothingFound)
  const isUseful = (plan: FoundPlan): boolean => plan.fields !== undefined || byPlan.has(plan.id) || !!plan.status
  return {
    plans: chosen.filter(isUseful).map((plan) => planOf(plan, found)),
    parts,
    notes: cut(notes),
  }
}

const cut = (notes: readonly string[]): string[] => {
  const all = [...new Set(notes.map((note) => shown(note, 300)))]
  return all.length <= mostNotes ? all : [...all.slice(0, mostNotes), `${all.length - mostNotes} more of this kind.`]
}

function planOf({ id, fields = {} }: FoundPlan, found: Found): Plan {
  const name = shown(fields.name ?? '')
  const schedule = shown(fields.schedule ?? '')
  const repository = destinationOf(fields.repository, found)
  return {
    id,
    ...(name !== '' && { name }),
    ...(schedule !== '' && { schedule }),
    ...(fields.enabled !== undefined && { enabled: isOn(fields.enabled) }),
    ...(repository !== undefined && { repository }),
  }
}

const isOn = (text: string): boolean => !['', '0', 'false', 'no'].includes(text.trim().toLowerCase())

/** Its address without login; else the name people gave it. */
function destinationOf(id: string | undefined, found: Found): string | undefined {
  const fields = id === undefined ? undefined : found.destinations.get(id)
  const url = fields?.url?.replace(/(:\/\/|^)[^\s/@]*@/, '$1')
  return shown(url ?? '', 300) || shown(fields?.name ?? '') || (id !== undefined && isId(id) ? id : undefined)
}

interface About {
  readonly now: Date
  readonly isRecent: (at: Date | undefined) => boolean
  readonly notes: string[]
}

function partsOf(plan: FoundPlan, statuses: readonly Known[], found: Found, about: About): Part[] {
  const { isRecent, notes } = about
  const belongs = membersOf(plan, found, notes)
  const byModule = Map.groupBy(statuses, (one) => one.found.module)
  const exists = (module: string): boolean => found.nodes === undefined || found.nodes.has(module)
  const names = new Set(belongs ?? [])
  for (const [module, own] of byModule) {
    // Whoever wrote lately did run; what others left behind is of a module that was taken out.
    const isOne =
      names.has(module) || ((belongs === undefined || own.some(({ found }) => found.shape === 'own')) && exists(module))
    if (isOne || own.some(({ at }) => isRecent(at))) names.add(module)
    else notes.push(`The status of ${module} is left out: it is no module of plan ${plan.id} any more.`)
  }
  const repository = destinationOf(plan.fields?.repository, found)
  const parts = [...names].sort(byName.compare).map((name): Part => {
    const title = shown(found.titles.get(name) ?? '')
    const best = newestOf(byModule.get(name) ?? [], notes)
    const node = found.nodes?.get(name) ?? best?.found.node
    return {
      kind: 'module',
      name,
      ...(title !== '' && title !== name && { title }),
      ...(node !== undefined && isId(node) && { node }),
      plan: plan.id,
      ...(repository !== undefined && { repository }),
      ...stateOf(best, byModule.get(name) ?? [], found.isCut),
      source: 'redis',
    }
  })
  return [...parts, ...wholeOf(plan, parts, repository, about)]
}

const byName = new Intl.Collator('en', { numeric: true })

/** undefined: nothing says which modules it has. */
function membersOf({ id, fields, members }: FoundPlan, found: Found, notes: string[]): Set<string> | undefined {
  const listed = (fields?.instances ?? '').split(/\s+/).filter((name) => name !== '')
  const odd = listed.filter((name) => !isId(name))
  if (odd.length > 0) notes.push(`Plan ${id} names ${odd.length} of its modules by something that is no id.`)
  const named = listed.length > odd.length ? listed.filter(isId) : members
  if (named.length === 0) return undefined
  return new Set(named.filter((module) => found.nodes === undefined || found.nodes.has(module)))
}

function newestOf(statuses: readonly Known[], notes: string[]): Known | undefined {
  const order = statuses.toSorted((a, b) => (b.at?.getTime() ?? 0) - (a.at?.getTime() ?? 0) || worse(b) - worse(a))
  const [first, ...others] = order
  if (first !== undefined && others.length > 0)
    notes.push(`${first.found.module} has ${order.length} statuses; the newest counts: ${keyOf(first.found)}.`)
  return first
}

/** Of two at the same moment. */
const worse = ({ state }: Known): number => ['ok', 'unknown', 'warning', 'failed'].indexOf(state)

function stateOf(best: Known | undefined, all: readonly Known[], isCut: boolean): Pick<Part, 'state'> & Partial<Part> {
  if (best === undefined) return { state: isCut ? 'unknown' : 'missing' }
  const lastGood = all
    .filter(({ state, at }) => at !== undefined && (state === 'ok' || state === 'warning'))
    .reduce<Date | undefined>((last, { at }) => (last === undefined || (at && at > last) ? at : last), undefined)
  return {
    state: best.state,
    ...(best.at && { at: best.at }),
    ...(lastGood && { lastGood }),
    ...(best.errors !== undefined && { errors: best.errors }),
    ...(best.message !== undefined && { message: shown(best.message, longestMessage) }),
  }
}

/** What the plan as a whole says counts where its modules say nothing worse. */
function wholeOf(plan: FoundPlan, parts: readonly Part[], repository: string | undefined, { now }: About): Part[] {
  if (plan.status === undefined) return []
  const { note, ...said } = decodeStatus({ shape: 'own', content: plan.status }, now)
  const isTold = parts.some(({ state }) => state !== 'ok')
  const isBetter = said.state === 'ok' || said.state === 'unknown'
  if (parts.length > 0 && (isTold || isBetter)) return []
  const title = shown(plan.fields?.name ?? '')
  const { message, ...rest } = said
  return [
    {
      kind: 'job',
      name: plan.id,
      ...(title !== '' && { title }),
      plan: plan.id,
      ...(repository !== undefined && { repository }),
      ...rest,
      ...(rest.state === 'ok' && rest.at && { lastGood: rest.at }),
      ...(message !== undefined && { message: shown(message, longestMessage) }),
      source: 'redis',
    },
  ]
}

function keyOf({ shape, plan, module, node = '' }: FoundStatus): string {
  if (shape === 'node') return `${keys.node(node, plan)} of ${module}`
  return shape === 'own' ? keys.own(module, plan) : keys.module(module, plan)
}

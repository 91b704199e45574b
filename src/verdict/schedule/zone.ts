/** A change of a zone's distance from UTC, in seconds since 1970 and seconds east of UTC. */
export interface OffsetChange {
  /** First second with the new offset. */
  readonly at: number
  readonly before: number
  readonly after: number
}

interface YearOfZone {
  /** Offset in the year's first second, UTC. */
  readonly first: number
  /** Changes after the year's first second, up to and with the first second of the next year. */
  readonly changes: readonly OffsetChange[]
}

interface Zone {
  readonly format: Intl.DateTimeFormat
  readonly years: Map<number, YearOfZone>
}

/**
 * Distance between two looks at a zone, in seconds. Of all zones the two closest changes since 1970 lie 7 days apart
 * (America/Recife and two more, October 2000), so none hides between two looks.
 */
const stride = 4 * 86_400

/** What the platform says of a zone cannot change while it runs, so this cache needs no end of life. */
const zones = new Map<string, Zone>()

function openZone(name: string): Zone {
  const known = zones.get(name)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const zone = { format, years: new Map<number, YearOfZone>() }
  zones.set(name, zone)
  return zone
}

/** Reads `11/14/2023, 23:13:20` and says how far that is from UTC. Some 2 microseconds: the costly part of it all. */
function measure(zone: Zone, at: number): number {
  const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] =
    zone.format
      .format(at * 1000)
      .match(/\d+/g)
      ?.map(Number) ?? []
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - at
}

/** Finds the second of the change between two looks with different offsets. */
function findChange(zone: Zone, low: number, high: number, before: number, after: number): OffsetChange {
  let [last, first] = [low, high]
  while (first - last > 1) {
    const middle = Math.floor((last + first) / 2)
    if (measure(zone, middle) === before) last = middle
    else first = middle
  }
  return { at: first, before, after }
}

function yearOf(zone: Zone, year: number): YearOfZone {
  const known = zone.years.get(year)
  if (known) return known
  const start = Date.UTC(year, 0, 1) / 1000
  const end = Date.UTC(year + 1, 0, 1) / 1000
  const first = measure(zone, start)
  const changes: OffsetChange[] = []
  let before = first
  for (let from = start; from < end; from += stride) {
    const to = Math.min(from + stride, end)
    const after = measure(zone, to)
    if (after !== before) changes.push(findChange(zone, from, to, before, after))
    before = after
  }
  const looked = { first, changes }
  zone.years.set(year, looked)
  return looked
}

const utcYear = (at: number): number => new Date(at * 1000).getUTCFullYear()

/** Seconds east of UTC in a zone at an instant given in seconds. Throws a RangeError for a zone `isZone` refuses. */
export function offsetAt(name: string, at: number): number {
  const year = yearOf(openZone(name), utcYear(at))
  return year.changes.findLast((change) => change.at <= at)?.after ?? year.first
}

/** First change after `after`, up to and with `until`, both in seconds. Meant for spans of days. */
export function firstChange(name: string, after: number, until: number): OffsetChange | undefined {
  const zone = openZone(name)
  for (let year = utcYear(after); year <= utcYear(until); year++) {
    const found = yearOf(zone, year).changes.find((change) => change.at > after)
    if (found) return found.at <= until ? found : undefined
  }
  return undefined
}

/** Last change after `after`, up to and with `until`, both in seconds. Meant for spans of days. */
export function lastChange(name: string, after: number, until: number): OffsetChange | undefined {
  const zone = openZone(name)
  for (let year = utcYear(until); year >= utcYear(after); year--) {
    const found = yearOf(zone, year).changes.findLast((change) => change.at <= until)
    if (found) return found.at > after ? found : undefined
  }
  return undefined
}

/** Whether the platform knows this IANA zone, such as `Europe/Berlin` or `UTC`. Offsets such as `+02:00` are none. */
export function isZone(text: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(text)) return false
  if (zones.has(text)) return true
  try {
    openZone(text)
    return true
  } catch {
    return false
  }
}

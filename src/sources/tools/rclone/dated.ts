/** Dated folders: what a run replaced or deleted, beside the tree, as `<name>-YYYY-MM-DD`. Pure. */

export interface DatedFolder {
  /** As it is called in the store. */
  readonly folder: string
  readonly year: number
  readonly month: number
  readonly day: number
}

/**
 * Reads the date of a folder; undefined for the tree itself, for folders of other trees, without a date, or with one that no
 * calendar has.
 */
export function datedFolder(folder: string, name: string): DatedFolder | undefined {
  if (name === '' || !folder.startsWith(`${name}-`)) return undefined
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(folder.slice(name.length + 1))
  if (match === null) return undefined
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  const date = new Date(Date.UTC(year, month - 1, day))
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || year < 1970) return undefined
  return { folder, year, month, day }
}

/** Those that are dated, oldest first. */
export const datedFolders = (folders: readonly string[], name: string): readonly DatedFolder[] =>
  folders
    .flatMap((folder) => datedFolder(folder, name) ?? [])
    .sort((a, b) => (a.folder < b.folder ? -1 : a.folder > b.folder ? 1 : 0))

/** The folder of a moment, by the calendar of this machine. */
export function folderFor(name: string, now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${name}-${String(now.getFullYear()).padStart(4, '0')}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}

/** A name that ends in a date could be taken for a dated folder of another tree. */
export const looksDated = (name: string): boolean => /-\d{4}-\d{2}-\d{2}$/.test(name)

/**
 * Folders that may go: the whole of their day is longer ago than `keepMs`, by the calendar of this machine. The newest one stays
 * whatever its age: beside the tree it is the last good state there is.
 */
export function outdated(folders: readonly string[], name: string, keepMs: number, now: Date): readonly DatedFolder[] {
  // One with a date to come, of a wrong clock, takes no place of a real one.
  const today = folderFor(name, now)
  const dated = datedFolders(folders, name).filter(({ folder }) => folder <= today)
  return dated.slice(0, -1).filter(({ year, month, day }) => {
    const dayEnded = new Date(year, month - 1, day + 1).getTime()
    return dayEnded + keepMs <= now.getTime()
  })
}

/** `20261121`: short enough to be shown whole. */
export const idOf = ({ year, month, day }: DatedFolder): string =>
  `${String(year).padStart(4, '0')}${String(month).padStart(2, '0')}${String(day).padStart(2, '0')}`

/** The folder of an id, if it is one of a dated folder. */
export function folderOfId(id: string, name: string): string | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(id)
  if (match === null) return undefined
  const [, year, month, day] = match
  return datedFolder(`${name}-${year}-${month}-${day}`, name)?.folder
}

const dayMs = 24 * 3_600_000

/** What a dated folder holds was there when its day began. Zones differ: a day that begins within the next one is taken for now. */
export function takenAtOf({ year, month, day }: DatedFolder, now: Date): Date {
  const at = Date.UTC(year, month - 1, day)
  return new Date(at > now.getTime() && at - now.getTime() <= dayMs ? now.getTime() : at)
}

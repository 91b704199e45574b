import type { ConfigFinding } from '../finding.ts'

/** What the command line adds to a foreign file. */
export interface ImportWish {
  /** When repositories are read, as the foreign program writes it. */
  readonly cron?: string
}

/** An entry that was there and is not carried, such as one that was switched off. */
export interface LeftOut {
  readonly name: string
  readonly why: string
  /** As it would stand under `repositories`. */
  readonly settings: object
}

export interface Imported {
  /** As it would stand in muster.yaml; absent where there are errors. Repositories come last. */
  readonly raw?: { readonly repositories: Readonly<Record<string, object>> } & Readonly<Record<string, unknown>>
  readonly errors: readonly ConfigFinding[]
  readonly warnings: readonly ConfigFinding[]
  /** What a reader of the new file has to know, and what is not carried. */
  readonly notes: readonly string[]
  readonly leftOut: readonly LeftOut[]
}

/** Reads the configuration of another program. Pure: the file is given as text. */
export interface Importer {
  /** As in `--from SYSTEM:FILE`. */
  readonly system: string
  /** What the other program reads when it is told nothing. */
  readonly defaultFile: string
  /**
   * `muster serve --from` takes this program's place: its flags, its metrics at `/metrics`, and its words in the log for what
   * people search there. Absent where it has no server.
   */
  readonly serves?: {
    readonly flags: readonly ('bind' | 'cron')[]
    readonly says: { readonly badReload: string; readonly busy: string }
  }
  read(text: string, wish: ImportWish): Imported
}

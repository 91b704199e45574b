import type { LogLevel } from '../../system/log.ts'
import type { ConfigFinding } from '../finding.ts'

/** What the command line adds to a foreign file. */
export interface ImportWish {
  /** When repositories are read, as the foreign program writes it. */
  readonly cron?: string
  /** It is printed for a person to keep: secrets that are part of a value are named, not told. */
  readonly printed?: true
  /** It is for `muster serve`, which needs to know when. */
  readonly serves?: true
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
  /** Who is told that it is wrong, as under `notify`; only where there are errors, and none of them is in here. */
  readonly tell?: Readonly<Record<string, object>>
  /** The gateway that hears of it, as under `metrics.pushgateway`, its group filled in; absent where something is wrong with it. */
  readonly gateway?: object
  /** Where `muster serve` answers without a login: with metrics and health alone, or with alerts where that is what it is for. */
  readonly bind?: string
  /** How much is told in its place, and the file it goes to. */
  readonly log?: { readonly level: LogLevel; readonly file?: string }
  /** The setting of the other program that a place in `raw` comes from. */
  origin?(path: readonly (string | number)[]): string | undefined
}

/** What an importer that needs no file is given. */
export interface Surroundings {
  readonly variables: Readonly<Record<string, string | undefined>>
  /** Name of this machine; in Kubernetes that of the pod. */
  readonly host: string
  /** The text of a file, or why it cannot be had. */
  readText(file: string): string | ConfigFinding
  /** What a piece of shell code prints, or why it cannot be had. Only where the user allowed it. */
  shell(code: string): string | ConfigFinding
}

interface CommonImporter {
  /** As in `--from SYSTEM:FILE`. */
  readonly system: string
  /**
   * `muster serve --from` takes this program's place: its flags, its metrics at `/metrics`, and its words in the log for what
   * people search there. Absent where it has no server.
   */
  readonly serves?: {
    readonly flags: readonly ('bind' | 'cron')[]
    readonly says: { readonly badReload: string; readonly busy: string }
  }
  /** `muster run --from` takes the place of a script: its exit code, and its words in the log. */
  readonly isScript?: true
}

/** Reads the file of another program. Pure: the file is given as text. */
export interface FileImporter extends CommonImporter {
  readonly reads: 'file'
  /** What the other program reads when it is told nothing. */
  readonly defaultFile: string
  read(text: string, wish: ImportWish): Imported
}

/** Reads the variables of another program. Pure: they are given, and so is all else. */
export interface EnvironmentImporter extends CommonImporter {
  readonly reads: 'environment'
  read(around: Surroundings, wish: ImportWish): Imported
}

/** Reads the configuration of another program. */
export type Importer = FileImporter | EnvironmentImporter

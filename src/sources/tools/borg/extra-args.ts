/** Which further arguments of `borg create` leave a backup in Muster's hands: only these, because borg takes abbreviations. */
import { type Refused, refusedBy } from '../extra-args.ts'

/** Whether each takes a value. */
const allowed: Readonly<Record<string, boolean>> = {
  'exclude-nodump': false,
  'keep-exclude-tags': false,
  pattern: true,
  'patterns-from': true,
  'numeric-ids': false,
  'numeric-owner': false,
  noatime: false,
  atime: false,
  noctime: false,
  nobirthtime: false,
  noflags: false,
  noacls: false,
  noxattrs: false,
  nobsdflags: false,
  sparse: false,
  'files-cache': true,
  'files-changed': true,
  'read-special': false,
  'checkpoint-interval': true,
  'checkpoint-volume': true,
  'chunker-params': true,
  'lock-wait': true,
  'no-cache-sync': false,
  'upload-buffer': true,
}

/** The arguments that may not be passed on, with the reasons. Values stand behind `=`. */
export const refusedArguments = (args: readonly string[]): readonly Refused[] => refusedBy(judge, args)

function judge(argument: string): string | undefined {
  if (argument.includes('\0')) return 'it holds a NUL character'
  if (!argument.startsWith('--') || argument === '--')
    return 'only long options are passed on, with their value behind =; sources belong into `sources`'
  const [name = '', ...value] = argument.slice(2).split('=')
  const takesValue = Object.hasOwn(allowed, name) ? allowed[name] : undefined
  if (takesValue === undefined)
    return 'Muster has a setting of its own for it, depends on it, or does not know it; abbreviations are not known either'
  if (takesValue !== value.length > 0)
    return takesValue ? 'its value is missing: write it behind =' : 'it takes no value'
  return undefined
}

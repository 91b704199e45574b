/** Where a repository is, in the syntax of borg. Source: borg manual, "Repository URLs". */
import { resolve } from 'node:path'

/** The folder of a repository on this machine; undefined for one behind ssh. */
export function localFolder(url: string): string | undefined {
  if (url.startsWith('file://')) return resolve(decodeURI(url.slice('file://'.length)))
  if (/^[a-z][\w+.-]*:\/\//i.test(url)) return undefined
  // `host:path` and `user@host:path`; a colon behind a slash belongs to a path.
  if (/^[^/:]+:/.test(url)) return undefined
  return resolve(url)
}

/** As borg is to have it: a folder by its whole path, because `extract` is started elsewhere. */
export const addressOf = (url: string): string => localFolder(url) ?? url

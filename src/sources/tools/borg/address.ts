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

/** Why an address cannot be one of a repository; undefined when it can. Nothing of it is repeated: it may hold a secret. */
export function addressFault(url: string): string | undefined {
  // It would be an option of borg or of ssh, some of which start programs.
  if (/^-|^(?:ssh:\/\/)?(?:[^/@]*@)?-/.test(url)) return 'holds a host or path that begins with a dash'
  const scheme = /^([a-z][\w+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'ssh' && scheme !== 'file')
    return `begins with ${scheme}://, and borg knows ssh:// and file:// only`
  if (scheme === 'ssh') {
    const [, , port, path] = /^ssh:\/\/((?:[^/@]*@)?(?:\[[^\]/]+\]|[^/:@[\]]+))(?::([^/]*))?(\/.*)?$/is.exec(url) ?? []
    if (path === undefined || path === '/') return 'is not of the form ssh://user@host:port/path'
    if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535))
      return 'has a port that is not a number from 1 to 65535'
    if (/^\/(?:\.\/)?-/.test(path)) return 'holds a host or path that begins with a dash'
  }
  if (url.replace(/\[[^\]/]*\]/, '').includes('::')) return 'names an archive behind ::, and a repository is wanted'
  if (scheme === undefined && /^[^/:]+@[^/:]+$/.test(url)) return 'names a host and no path'
  return undefined
}

/** As borg is to have it: a folder by its whole path, because `extract` is started elsewhere. */
export const addressOf = (url: string): string => localFolder(url) ?? url

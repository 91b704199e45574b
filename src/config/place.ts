import { resolve } from 'node:path'

/** An address without what does not change where it leads: login, trailing slashes, ways to write a local path. */
export function placeOf(url: string): string {
  const bare = url.replace(/:\/\/[^/?#]*@/, '://').replace(/^local:/, '')
  const isLocal = !/^[a-z][\w+.-]*:/i.test(bare)
  return isLocal ? resolve(bare) : bare.replace(/\/+$/, '')
}

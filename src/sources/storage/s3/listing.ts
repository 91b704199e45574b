import { isComplete, modified, type StoredFile } from '../storage.ts'
import { readXml } from './xml.ts'

export interface Page {
  readonly files: readonly StoredFile[]
  /** Where the next page begins: a token (version 2) or the last key (version 1). */
  readonly next?: string
}

/**
 * Reads one page of ListObjectsV2 or ListObjects. Keys without slash behind `folder` are files of it; with `deep` those below, too.
 * Source: Amazon S3 API Reference, "ListObjectsV2", "ListObjects".
 *
 * @param timed With the time of each file.
 * @returns Complete files, or undefined for anything else than a listing. Never throws.
 */
export function parsePage(text: string, folder: string, deep: boolean, timed = false): Page | undefined {
  const files: StoredFile[] = []
  let [key, size, time, token, marker, truncated, isListing] = ['', '', '', '', '', false, false]
  let last = ''
  const wellFormed = readXml(text, (path, value) => {
    if (path === 'ListBucketResult/Contents/Key') key = value
    else if (path === 'ListBucketResult/Contents/Size') size = value
    else if (path === 'ListBucketResult/Contents/LastModified') time = value
    else if (path === 'ListBucketResult/Contents') {
      const rest = key.startsWith(folder) ? key.slice(folder.length) : '/'
      const name = deep ? rest.slice(rest.lastIndexOf('/') + 1) : rest
      if (isComplete(name))
        files.push({
          name,
          ...(/^\d{1,15}$/.test(size) && { sizeBytes: Number(size) }),
          ...(timed && modified(Date.parse(time))),
        })
      last = key
      key = size = time = ''
    } else if (path === 'ListBucketResult/NextContinuationToken') token = value
    else if (path === 'ListBucketResult/NextMarker') marker = value
    else if (path === 'ListBucketResult/IsTruncated') truncated = value.trim() === 'true'
    else if (path === 'ListBucketResult') isListing = true
  })
  if (!wellFormed || !isListing) return undefined
  const next = token || marker || last
  return { files, ...(truncated && { next }) }
}

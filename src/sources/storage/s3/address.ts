/** Addresses of the S3 backend: `s3:host/bucket/prefix`, `s3://host/bucket`, `s3:https://host:9000/bucket/prefix`. */
import { posix } from 'node:path'
import type { Server } from '../ask.ts'
import { optionOf, type StorageAccess } from '../storage.ts'

export interface Bucket {
  readonly scheme: 'http' | 'https'
  /** Host of the service, with its port where one is given. */
  readonly endpoint: string
  readonly name: string
  /** Without slashes at its ends; may be empty. */
  readonly prefix: string
  /** Whether the bucket stands in the host name (`bucket.host`) or in the path. */
  readonly style: 'dns' | 'path'
  readonly region: string
  /** An old server that knows only the first kind of listing. */
  readonly v1: boolean
}

/** Source: restic `internal/backend/s3/config.go`. @returns undefined for an address or an option that cannot be understood */
export function parseAddress(access: StorageAccess): Bucket | undefined {
  const text = access.url.reveal().replace(/^s3:(\/\/)?/, '')
  const url = URL.parse(/^https?:\/\//.test(text) ? text : `https://${text}`)
  if (url === null || url.username !== '' || url.search !== '' || url.host === '') return undefined
  const [, name = '', ...rest] = decoded(url.pathname).split('/')
  // A name goes into host names and paths.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/.test(name)) return undefined
  const scheme = url.protocol === 'http:' ? 'http' : 'https'
  const lookup = optionOf(access, 's3.bucket-lookup')?.toLowerCase() || 'auto'
  const style = lookup === 'auto' ? usualStyle(scheme, url.hostname, name) : lookup
  if (style !== 'dns' && style !== 'path') return undefined
  return {
    scheme,
    endpoint: url.host,
    name,
    prefix: posix.normalize(`/${rest.join('/')}`).replace(/^\/|\/$/g, ''),
    style,
    region: regionOf(access, url.hostname),
    v1: optionOf(access, 's3.list-objects-v1') === 'true',
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

const isAmazon = (host: string): boolean => /(^|\.)amazonaws\.com(\.cn)?$/.test(host)

/** Source: minio-go `pkg/s3utils`, `IsVirtualHostSupported`, which restic uses: dots in a bucket's name break certificates. */
function usualStyle(scheme: string, host: string, bucket: string): Bucket['style'] {
  if (scheme === 'https' && bucket.includes('.')) return 'path'
  return isAmazon(host) || host === 'storage.googleapis.com' || host.endsWith('.aliyuncs.com') ? 'dns' : 'path'
}

/** Where nobody says, it is guessed; a server that knows better says so in its answer. */
function regionOf(access: StorageAccess, host: string): string {
  const named = optionOf(access, 's3.region') || access.environment.AWS_DEFAULT_REGION?.reveal()
  const inHost = isAmazon(host) ? /^s3[.-](?:dualstack\.)?([a-z]+(?:-[a-z]+)+-\d+)\./.exec(host)?.[1] : undefined
  return named || inHost || 'us-east-1'
}

/**
 * Whom to ask for a bucket, and what its paths begin with; no slash at the end.
 *
 * @param to Where to connect instead of where the name leads; for tests.
 */
export function serverOf(bucket: Bucket, region: string, to?: Server['to']): { server: Server; root: string } {
  // Amazon's one name for all regions leads to the first of them only.
  const global = bucket.endpoint === 's3.amazonaws.com' && region !== 'us-east-1'
  const endpoint = global ? `s3.${region}.amazonaws.com` : bucket.endpoint
  const authority = bucket.style === 'dns' ? `${bucket.name}.${endpoint}` : endpoint
  const { hostname, port } = new URL(`${bucket.scheme}://${authority}`)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return {
    server: {
      scheme: bucket.scheme,
      to: to ?? { host, port: Number(port) || (bucket.scheme === 'https' ? 443 : 80) },
      authority,
    },
    root: bucket.style === 'dns' ? '' : `/${bucket.name}`,
  }
}

export { opens, watchStorage } from '../../storage/open.ts'
export { ReaderMemory } from './memory.ts'
export { unsupported } from './problems.ts'
export { type Damage, type NativeIo, type NativeReading, readNative } from './read.ts'

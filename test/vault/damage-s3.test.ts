/** The damage matrix over a bucket with Object Lock. */
import { s3Ground } from './damage-ground.ts'
import { damageMatrix } from './damage-matrix.ts'

damageMatrix(s3Ground)

/** The damage matrix over a folder. */
import { diskGround } from './damage-ground.ts'
import { damageMatrix } from './damage-matrix.ts'

damageMatrix(diskGround)

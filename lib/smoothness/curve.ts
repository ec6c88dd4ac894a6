/**
 * A kernel along the angle between two unit vectors, divided by its value at angle 0.
 */
export interface Curve {
  /** κ(θ)/κ(0) at angles in radians from 0 to π. */
  at(angles: Float64Array): Float64Array;
  /**
   * s₀ = −κ′(0⁺): the slope of the corner that the kernel has where its two arguments meet; 0 for a kernel without one.
   * In closed form for ReLU networks without biases: L/(2π) for an MLP of L hidden layers, and those of the ResNets
   * beside it.                                                                                          [cusp-slope]
   */
  readonly cuspSlope: number;
  /** e_π = κ′(π⁻): the slope with which the curve arrives at opposite inputs.                     [antipodal-slope] */
  readonly antipodalSlope: number;
}

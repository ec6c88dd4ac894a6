/** A network of neural_tangents.json with its matrices; what its parameters are depends on the architectures. */

export type Matrix = readonly (readonly number[])[];

export interface TangentsCase<Params> {
  readonly arch: string;
  readonly params: Params;
  readonly data: string;
  /** The data set of the other side of the cross values. */
  readonly cross?: string;
  readonly nngp: Matrix;
  readonly ntk: Matrix;
  /** To full double precision; the plain values lose half the digits where inputs are nearly parallel. */
  readonly nngp_exact?: Matrix;
  readonly ntk_exact?: Matrix;
  readonly nngp_cross?: Matrix;
  readonly ntk_cross?: Matrix;
  readonly nngp_cross_exact?: Matrix;
  readonly ntk_cross_exact?: Matrix;
}

package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * N(0, std&sup2;) that depends on seed, parameter name and position alone, so that the same seed
 * gives the same weights on every device, whatever the other parameters are.
 */
final class SeededNormal implements Initializer {

  private static final int CHUNK = 1 << 16;

  private final long seed;
  private final double std;

  SeededNormal(long seed, String name, double std) {
    this.seed = seed * 0x9E3779B97F4A7C15L + name.hashCode();
    this.std = std;
  }

  @Override
  public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
    float[] values = new float[Math.toIntExact(shape.size())];
    int chunks = (values.length + CHUNK - 1) / CHUNK;
    IntStream.range(0, chunks).parallel().forEach(chunk -> fill(values, chunk));
    return manager.create(values, shape);
  }

  /** Box and Muller with StrictMath: the same bits on every machine. */
  private void fill(float[] values, int chunk) {
    SplittableRandom random = new SplittableRandom(seed ^ (chunk * 0xD1342543DE82EF95L));
    int end = Math.min(values.length, (chunk + 1) * CHUNK);
    for (int i = chunk * CHUNK; i < end; i += 2) {
      double radius = std * StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
      double angle = 2 * Math.PI * random.nextDouble();
      values[i] = (float) (radius * StrictMath.cos(angle));
      if (i + 1 < end) {
        values[i + 1] = (float) (radius * StrictMath.sin(angle));
      }
    }
  }
}

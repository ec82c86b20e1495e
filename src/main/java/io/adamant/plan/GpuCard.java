package io.adamant.plan;

import io.adamant.base.InputException;
import io.adamant.base.Suggestion;
import io.adamant.config.Precision;
import io.adamant.config.TrainConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * GPUs that a plan can be made for without having one. Rates are those of NVIDIA's data sheets: of
 * dense products (sheets that count sparsity state twice that) with sums in float32, and of memory.
 * The memory is what CUDA reports of the card, which is less than its name says. The link is what a
 * card sends to others of its kind at most, one direction of NVLink where it has that, else of its
 * PCI Express.
 */
public enum GpuCard {
  /** Data sheet of H100, column SXM. */
  H100("NVIDIA H100 SXM 80 GB", 989, 494, 67, 3350, 79.1, 450),
  /** Data sheet of H100, column PCIe. */
  H100_PCIE("NVIDIA H100 PCIe 80 GB", 756, 378, 51, 2000, 79.1, 64),
  /** Data sheet of H200, column SXM. */
  H200("NVIDIA H200 SXM 141 GB", 989, 494, 67, 4800, 139.7, 450),
  /** Data sheet of A100 40 GB. */
  A100_40("NVIDIA A100 40 GB", 312, 156, 19.5, 1555, 39.4, 300),
  /** Data sheet of A100 80 GB, column SXM. */
  A100_80("NVIDIA A100 SXM 80 GB", 312, 156, 19.5, 2039, 79.1, 300),
  /** Data sheet of L40S. */
  L40S("NVIDIA L40S 48 GB", 362, 183, 91.6, 864, 44.4, 32),
  /** Data sheet of L4. */
  L4("NVIDIA L4 24 GB", 121, 60, 30.3, 300, 22.0, 32),
  /** White paper of Ada's GPUs; half the rate that sums in float16 have. */
  RTX_4090("NVIDIA GeForce RTX 4090 24 GB", 165, 82.6, 82.6, 1008, 23.6, 32),
  /** White paper of GA102; half the rate that sums in float16 have. */
  RTX_3090("NVIDIA GeForce RTX 3090 24 GB", 71, 35.6, 35.6, 936, 23.6, 32),
  /** Data sheet of V100, column SXM2: its tensor cores know float16 only. */
  V100_16("NVIDIA V100 SXM2 16 GB", 0, 0, 15.7, 900, 15.7, 150),
  /** Data sheet of V100, column SXM2. */
  V100_32("NVIDIA V100 SXM2 32 GB", 0, 0, 15.7, 900, 31.7, 150);

  private final String product;
  private final double bf16Tflops;
  private final double tf32Tflops;
  private final double fp32Tflops;
  private final double gigabytesPerSecond;
  private final double gibibytes;
  private final double linkGigabytesPerSecond;

  /**
   * Rates in TFLOP/s, 0 for a format that the card does not have; 10^9 bytes/s; GiB; 10^9 bytes/s.
   */
  GpuCard(
      String product,
      double bf16Tflops,
      double tf32Tflops,
      double fp32Tflops,
      double gigabytesPerSecond,
      double gibibytes,
      double linkGigabytesPerSecond) {
    this.product = product;
    this.bf16Tflops = bf16Tflops;
    this.tf32Tflops = tf32Tflops;
    this.fp32Tflops = fp32Tflops;
    this.gigabytesPerSecond = gigabytesPerSecond;
    this.gibibytes = gibibytes;
    this.linkGigabytesPerSecond = linkGigabytesPerSecond;
  }

  /**
   * The card of a name.
   *
   * @param option what the name was given for, such as {@code --gpu}, for the message
   * @param word such as {@code h100} or {@code rtx-4090}, in letters of either case
   * @return the card
   * @throws InputException if there is none of this name; the message has all there are
   */
  public static GpuCard of(String option, String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(card -> card.word().equals(lower))
        .findFirst()
        .orElseThrow(() -> unknown(option, word, lower));
  }

  private static InputException unknown(String option, String word, String lower) {
    List<String> names = Arrays.stream(values()).map(GpuCard::word).toList();
    // "a100" lacks its memory; by its letters it would be nearer to another card.
    String begun =
        names.stream()
            .filter(name -> !lower.isEmpty() && name.startsWith(lower))
            .collect(Collectors.joining(" or "));
    String meant = begun.isEmpty() ? Suggestion.nearest(lower, names).orElse("") : begun;
    return InputException.badValue(
        option,
        word,
        String.join(", ", names) + (meant.isEmpty() ? "" : "; did you mean " + meant + "?"));
  }

  /**
   * Its name on the command line.
   *
   * @return such as {@code rtx-4090}
   */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * What it sends to another card of its kind at most.
   *
   * @return 10^9 bytes/s, in one direction
   */
  public double linkGigabytesPerSecond() {
    return linkGigabytesPerSecond;
  }

  /**
   * Its name in the shop.
   *
   * @return vendor, model, memory as sold
   */
  public String product() {
    return product;
  }

  /**
   * Refuses a run in a number format that the card does not have.
   *
   * @param training of a run
   * @throws InputException naming the key to change
   */
  public void require(TrainConfig training) {
    if (training.precision() == Precision.BF16 && bf16Tflops == 0) {
      throw InputException.badValue(
          "training.precision", "bf16", "fp32 on " + word() + ", which has no bfloat16");
    }
    if (training.tf32() && tf32Tflops == 0) {
      throw InputException.badValue(
          "training.tf32", true, "false on " + word() + ", which has no TensorFloat-32");
    }
  }

  /**
   * The format that a run's matrix products are formed in.
   *
   * @param training of a run
   * @return {@code bf16}, {@code tf32} or {@code fp32}
   */
  public static String format(TrainConfig training) {
    if (training.precision() == Precision.BF16) {
      return "bf16";
    }
    return training.tf32() ? "tf32" : "fp32";
  }

  /**
   * The rate of matrix products that the data sheet states.
   *
   * @param training of a run whose format the card has
   * @return 10^12 operations a second
   */
  public double tflops(TrainConfig training) {
    return switch (format(training)) {
      case "bf16" -> bf16Tflops;
      case "tf32" -> tf32Tflops;
      default -> fp32Tflops;
    };
  }

  /**
   * The rate of its memory that the data sheet states.
   *
   * @return 10^9 bytes a second
   */
  public double gigabytesPerSecond() {
    return gigabytesPerSecond;
  }

  /**
   * Its memory as CUDA reports it, rounded down.
   *
   * @return bytes
   */
  public long bytes() {
    return (long) (gibibytes * (1L << 30));
  }
}

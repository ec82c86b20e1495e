package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ValidationWindowsTest {
  private static TokenView counting(int size) {
    return TokenView.of(IntStream.range(0, size).toArray());
  }

  @Test
  void coversTheSplitInOrderAndDropsThePartialWindow() {
    ValidationWindows windows = new ValidationWindows(counting(12), 5);
    assertThat(windows.count()).isEqualTo(2);
    assertThat(windows.targets()).isEqualTo(10);
    long[] inputs = new long[10];
    long[] targets = new long[10];
    windows.fill(0, 2, inputs, targets);
    assertThat(inputs).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(targets).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    long[] second = new long[5];
    windows.fill(1, 1, second, new long[5]);
    assertThat(second).containsExactly(5, 6, 7, 8, 9);
  }

  @Test
  void aWindowNeedsItsLastTarget() {
    assertThat(new ValidationWindows(counting(10), 5).count()).isEqualTo(1);
    assertThat(new ValidationWindows(counting(11), 5).count()).isEqualTo(2);
    assertThatThrownBy(
            () -> new ValidationWindows(counting(10), 5).fill(1, 1, new long[5], new long[5]))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void refusesATextShorterThanAWindow() {
    assertThatThrownBy(() -> new ValidationWindows(counting(5), 5))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(
            "model.context: a window of 5 + 1 tokens is larger than the validation text of 5"
                + " tokens");
    assertThatThrownBy(() -> new ValidationWindows(counting(5), 0))
        .isInstanceOf(InputException.class);
  }
}

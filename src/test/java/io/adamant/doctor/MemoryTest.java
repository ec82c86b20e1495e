package io.adamant.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryTest {

  private static final String MEMINFO =
      "SwapTotal:  999 kB\nMemTotal:       16384256 kB\nMemFree:  1 kB\n";

  @Test
  void isTheMachinesMemoryWithoutALimit() {
    assertThat(Memory.bytes(MEMINFO, "max\n")).hasValue(16384256L * 1024);
    assertThat(Memory.bytes(MEMINFO, "")).hasValue(16384256L * 1024);
  }

  @Test
  void isTheLimitOfTheControlGroupIfThatIsSmaller() {
    assertThat(Memory.bytes(MEMINFO, "1073741824\n")).hasValue(1L << 30);
    assertThat(Memory.bytes(MEMINFO, "9223372036854771712\n")).hasValue(16384256L * 1024);
  }

  @Test
  void isUnknownElsewhere() {
    assertThat(Memory.bytes("", "")).isEmpty();
  }
}

package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MeasureCostTest {

  @Test
  void theRingsOfTheMemoryAreStated() {
    assertThat(MeasureCost.ofMemory(90, 4096, 5)) // two rings of float32
        .startsWith("measure.memory 90: ")
        .contains("4096 coordinates of each group", "15 MB of rings");
  }

  @Test
  void statesWhatIsSwitchedOn() {
    assertThat(MeasureCost.of(MeasurePlan.of(300, 16, 10), 1, 1_000_000))
        .singleElement()
        .asString()
        .contains("measure.every 10", "in 10 steps");
    assertThat(MeasureCost.of(new MeasurePlan(300, 16, 10, false, 50, 8), 20, 1_000_000))
        .hasSize(3)
        .anyMatch(line -> line.contains("6 copies") && line.contains("24 MB"))
        .anyMatch(line -> line.contains("25 more gradients") && line.contains("50 %"));
  }
}

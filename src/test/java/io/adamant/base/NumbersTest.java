package io.adamant.base;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {

  @Property
  void textOfEveryFiniteDoubleReadsBackExactly(@ForAll long bits) {
    double value = Double.longBitsToDouble(bits);
    if (Double.isFinite(value) && value != 0) {
      assertThat(Numbers.parse(Numbers.text(value))).hasValue(value);
    }
  }

  @Property
  void textIsNeverLongerInDigitsThanJavas(@ForAll double value) {
    assertThat(digits(Numbers.text(value))).isLessThanOrEqualTo(digits(Double.toString(value)));
  }

  @ParameterizedTest
  @CsvSource({
    "0.004, 0.004",
    "1e-3, 0.001",
    "1e-4, 0.0001",
    "1e-5, 1.0e-5",
    "1.5e-8, 1.5e-8",
    "1, 1.0",
    "16, 16.0",
    "65536, 65536.0",
    "1e6, 1000000.0",
    "1e7, 1.0e+7",
    "-2.5e20, -2.5e+20",
    "-0.0, 0.0",
    "4.9e-324, 5.0e-324",
    "2e-3, 0.002",
    "0.1, 0.1",
    // Powers of two, of which JDK 17 writes a digit too many.
    "5.6843418860808015e-14, 5.684341886080802e-14",
    "2e23, 2.0e+23"
  })
  void writesTheShortestDecimal(String given, String expected) {
    String shortest = Numbers.text(Double.parseDouble(given));
    assertThat(Double.parseDouble(shortest)).isEqualTo(Double.parseDouble(given) + 0.0);
    assertThat(shortest).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"4e-3", "4.0e-3", "4E+3", ".5", "5.", "+1", "-1.5", "0", "0.0"})
  void takesWhatAPhysicistWrites(String text) {
    assertThat(Numbers.parse(text)).hasValue(Double.parseDouble(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "1_000", "010", "0x10", "1:30", "1e", "e3", ".", "--1", "1 ", "1,5", "1f"
      })
  void refusesWhatOnlyYamlOrJavaTakesForANumber(String text) {
    assertThat(Numbers.parse(text)).isEmpty();
    assertThat(Numbers.parseWhole(text)).isEmpty();
    assertThat(Numbers.typed(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {".nan", "NaN", ".inf", "-.INF", "Infinity", "1e999", "-1e999"})
  void knowsNumbersThatNoDoubleHolds(String text) {
    assertThat(Numbers.isNotFinite(text)).isTrue();
    assertThat(Numbers.parse(text)).isEmpty();
  }

  @Test
  void wholeNumbersMayHaveAnExponentButNoFraction() {
    assertThat(Numbers.parseWhole("1e3")).hasValue(1000);
    assertThat(Numbers.parseWhole("2.0")).hasValue(2);
    assertThat(Numbers.parseWhole("2.5")).isEmpty();
    assertThat(Numbers.parseWhole("9223372036854775807")).hasValue(Long.MAX_VALUE);
    assertThat(Numbers.parseWhole("9223372036854775808")).isEmpty();
    assertThat(Numbers.parseWhole("1e999999999")).isEmpty();
    assertThat(Numbers.parseWhole("1e-999999999")).isEmpty();
    assertThat(Numbers.parseWhole("1e99999999999")).isEmpty();
  }

  private static long digits(String number) {
    String mantissa = number.replaceAll("[eE].*", "").replaceAll("[-.]", "");
    return mantissa.replaceAll("^0+|0+$", "").length();
  }
}

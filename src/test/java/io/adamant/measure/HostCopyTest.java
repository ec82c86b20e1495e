package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A measurement waits for the device once. */
class HostCopyTest {

  private static final JavaClasses ROOM =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.adamant.measure");

  /** Every call that copies values of an array to the host. */
  private static Stream<JavaMethodCall> copies() {
    return ROOM.stream()
        .flatMap(type -> type.getMethodCallsFromSelf().stream())
        .filter(call -> call.getTargetOwner().isAssignableTo(NDArray.class))
        .filter(call -> call.getName().matches("to\\w*Array|toByteBuffer|get[A-Z][a-z]+"))
        .filter(call -> !call.getName().matches("getManager|getName|getShape|getDevice"))
        .filter(call -> !call.getName().equals("getGradient"));
  }

  @Test
  void nothingElseReadsFromTheDevice() {
    assertThat(copies().map(call -> call.getOrigin().getFullName()))
        .containsExactly("io.adamant.measure.HostCopy.get(int)");
  }

  @Test
  void aMeasurementMakesOneAndAProbeTwoMore() {
    List<String> makers =
        ROOM.get(HostCopy.class).getConstructorCallsToSelf().stream()
            .map(call -> call.getOriginOwner().getSimpleName())
            .toList();
    assertThat(makers)
        .containsExactlyInAnyOrder(
            "TensorReading", "ProbeReading", "ProbeReading", "GradientMemory");
    assertThat(
            ROOM.get(TensorReading.class).getMethodCallsToSelf().stream()
                .filter(call -> call.getName().equals("read"))
                .map(call -> call.getOrigin().getName()))
        .containsExactlyInAnyOrder("begin", "observe");
  }
}

package io.adamant;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.adamant.base.PublicApi;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@link PublicApi} marks can be used without anything that it does not mark. */
class PublicApiTest {

  private static final List<JavaClass> CLASSES =
      new ClassFileImporter()
              .withImportOption(new ImportOption.DoNotIncludeTests())
              .importPackages("io.adamant")
              .stream()
              .toList();

  /** Packages of DJL whose types are in the imports of every program that uses it. */
  private static final Pattern IMPORTED =
      Pattern.compile(
          "ai/djl/(?:(?:ndarray|nn|training|translate|modality)/(?:.*/)?)?([A-Z]\\w+)\\.class");

  private static boolean isApi(JavaClass type) {
    return type.isAnnotatedWith(PublicApi.class)
        || type.getEnclosingClass().map(PublicApiTest::isApi).orElse(false);
  }

  /** The members that others can use. */
  private static Stream<JavaMember> api(JavaClass type) {
    boolean whole = isApi(type);
    return type.getMembers().stream()
        .filter(member -> whole || member.isAnnotatedWith(PublicApi.class))
        .filter(PublicApiTest::isVisible);
  }

  private static boolean isVisible(JavaMember member) {
    Set<JavaModifier> modifiers = member.getModifiers();
    return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
        && !modifiers.contains(JavaModifier.SYNTHETIC);
  }

  private static Stream<JavaClass> mentioned(JavaMember member) {
    return Stream.concat(
        member.getAllInvolvedRawTypes().stream(),
        member instanceof JavaCodeUnit unit
            ? unit.getExceptionTypes().stream()
            : Stream.<JavaClass>empty());
  }

  @Test
  void signaturesMentionOnlyTheApiTheJdkAndDjl() {
    List<String> foreign =
        CLASSES.stream()
            .flatMap(PublicApiTest::api)
            .flatMap(
                member ->
                    mentioned(member)
                        .map(JavaClass::getBaseComponentType)
                        .filter(type -> !isOpen(type))
                        .map(type -> member.getFullName() + " mentions " + type.getName()))
            .toList();
    assertThat(foreign).isEmpty();
  }

  private static boolean isOpen(JavaClass type) {
    return type.isPrimitive()
        || type.getPackageName().startsWith("java.")
        || type.getPackageName().startsWith("ai.djl")
        || isApi(type);
  }

  @Test
  void noTypeIsCalledLikeOneThatEveryDjlUserImports() throws Exception {
    Path jar = Path.of(Model.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Set<String> names = new TreeSet<>();
    try (JarFile file = new JarFile(jar.toFile())) {
      file.stream()
          .map(entry -> IMPORTED.matcher(entry.getName()))
          .filter(name -> name.matches())
          .forEach(name -> names.add(name.group(1)));
    }
    assertThat(names).contains("Model", "NDArray", "Trainer", "TrainingConfig", "Dataset");
    List<String> api =
        CLASSES.stream()
            .filter(type -> isApi(type) || api(type).findAny().isPresent())
            .filter(type -> type.getEnclosingClass().isEmpty())
            .map(JavaClass::getSimpleName)
            .toList();
    assertThat(api)
        .contains("Training", "TrainConfig", "Signum")
        .doesNotContainAnyElementsOf(names);
  }

  @Test
  void theReadmeUsesTheApiAlone() throws Exception {
    Set<String> imported =
        Pattern.compile("(?m)^import (io\\.adamant\\.[\\w.]+);")
            .matcher(Files.readString(Path.of("README.md")))
            .results()
            .map((MatchResult found) -> found.group(1))
            .collect(Collectors.toSet());
    assertThat(imported).isNotEmpty();
    assertThat(
            CLASSES.stream()
                .filter(type -> api(type).findAny().isPresent())
                .map(JavaClass::getName)
                .toList())
        .containsAll(imported);
  }
}

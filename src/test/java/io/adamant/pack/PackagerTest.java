package io.adamant.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackagerTest {
  @TempDir Path folder;
  private Path jar;
  private Packager packager;

  /** Entry point of the packed jar. */
  public static final class Greeting {
    private Greeting() {}

    public static void main(String[] args) {
      System.out.println("hello " + List.of(args) + " from " + System.getProperty("java.home"));
    }
  }

  @BeforeEach
  void aProgram() throws IOException {
    jar = folder.resolve("program/adamant.jar");
    Files.createDirectories(jar.resolveSibling("lib"));
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Greeting.class.getName());
    String entry = Greeting.class.getName().replace('.', '/') + ".class";
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      out.putNextEntry(new JarEntry(entry));
      Greeting.class.getResourceAsStream("/" + entry).transferTo(out);
    }
    library("tokenizers.jar", "native/lib/linux-x86_64/a.so", "native/lib/win-x86_64/a.dll");
    library("pytorch-native-cpu-2.7.1.jar", "pytorch/cpu/libtorch.so");
    packager = new Packager(jar, Path.of(System.getProperty("java.home")));
  }

  private void library(String name, String... entries) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar.resolveSibling("lib").resolve(name));
        JarOutputStream out = new JarOutputStream(file)) {
      for (String entry : entries) {
        out.putNextEntry(new JarEntry(entry));
      }
    }
  }

  @Tag("slow")
  @Test
  void theFolderRunsWithItsOwnJavaAndHoldsNoLibtorch() throws Exception {
    Path configs = Files.createDirectories(folder.resolve("configs/models"));
    Files.writeString(configs.resolve("a.yaml"), "model: {}");
    Path target = folder.resolve("packed");

    packager.pack(target, List.of(folder.resolve("configs"), folder.resolve("nowhere")));

    try (Stream<Path> files = Files.list(target)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("adamant", "adamant.jar", "configs", "lib", "runtime");
    }
    assertThat(target.resolve("configs/models/a.yaml")).hasContent("model: {}");
    try (Stream<Path> files = Files.list(target.resolve("lib"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactly("tokenizers.jar");
    }
    Process process =
        new ProcessBuilder(target.resolve("adamant").toString(), "two words")
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).contains("hello [two words] from " + target.toRealPath().resolve("runtime"));
    assertThat(process.waitFor()).isZero();
    assertThat(folder.resolve("packed.part")).doesNotExist();
  }

  @Test
  void whatCannotBePackedIsOneLine() throws IOException {
    Path used = Files.createDirectories(folder.resolve("used"));
    Files.writeString(used.resolve("mine"), "x");
    assertThatThrownBy(() -> packager.pack(used, List.of()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "package: " + used + " is in use; expected: a folder that does not exist or is empty");
    assertThatThrownBy(() -> new Packager(jar, folder).pack(folder.resolve("x"), List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has no bin/jlink");
    assertThatThrownBy(() -> new Packager(folder.resolve("classes"), folder).pack(used, List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is not a jar with a folder lib next to it");
  }

  @Test
  void otherPlatformsLibrariesAndSourceMapsStayOut() throws IOException {
    Slimmer slimmer = new Slimmer(Slimmer.platform("Linux", "amd64"));
    assertThat(slimmer.needed("native/lib/linux-x86_64/cpu/a.so")).isTrue();
    assertThat(slimmer.needed("native/lib/tokenizers.properties")).isTrue();
    assertThat(slimmer.needed("native/lib/osx-aarch64/cpu/a.dylib")).isFalse();
    assertThat(slimmer.needed("jnilib/linux-x86_64/cu128/libdjl_torch.so")).isTrue();
    assertThat(slimmer.needed("jnilib/linux-aarch64/cpu/libdjl_torch.so")).isFalse();
    assertThat(slimmer.needed("com/sun/jna/linux-x86-64/libjnidispatch.so")).isTrue();
    assertThat(slimmer.needed("com/sun/jna/aix-ppc/libjnidispatch.a")).isFalse();
    assertThat(slimmer.needed("com/sun/jna/Native.class")).isTrue();
    String echarts = "META-INF/resources/webjars/echarts/5.5.0/";
    assertThat(slimmer.needed(echarts + "echarts.min.js")).isTrue();
    assertThat(slimmer.needed(echarts + "echarts.esm.js.map")).isFalse();
    assertThat(Slimmer.platform("Mac OS X", "aarch64")).isEqualTo("osx-aarch64");

    Path copy = folder.resolve("copy.jar");
    slimmer.copy(jar.resolveSibling("lib").resolve("tokenizers.jar"), copy);
    try (JarFile file = new JarFile(copy.toFile())) {
      assertThat(file.stream().map(JarEntry::getName))
          .containsExactly("native/lib/linux-x86_64/a.so");
    }
  }
}

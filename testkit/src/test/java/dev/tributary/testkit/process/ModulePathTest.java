package dev.tributary.testkit.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A program that is a module finds the engine, the drivers and the servers as modules. */
class ModulePathTest {
  private static final String PATH =
      Arrays.stream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")).split(File.pathSeparator))
          .filter(entry -> entry.endsWith(".jar") || entry.endsWith("classes") && !entry.endsWith("test-classes"))
          .collect(Collectors.joining(File.pathSeparator));

  @TempDir private static Path classes;

  @BeforeAll
  static void compile() throws Exception {
    Path sources = Path.of(ModulePathTest.class.getResource("/modular/module-info.java").toURI()).getParent();
    StringWriter said = new StringWriter();
    int code =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                new PrintWriter(said),
                new PrintWriter(said),
                "-p",
                PATH,
                "-d",
                classes.toString(),
                sources.resolve("module-info.java").toString(),
                sources.resolve("Program.java").toString());
    assertThat(code).as(said::toString).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"flowmesh", "disheap", "goqueue"})
  void aProgramRunsOnTheModulePath(String protocol) throws Exception {
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-p",
                PATH + File.pathSeparator + classes,
                "-m",
                "program/program.Program",
                protocol)
            .redirectErrorStream(true)
            .start();
    String said = new String(program.getInputStream().readAllBytes());

    assertThat(program.waitFor(60, TimeUnit.SECONDS)).as(said).isTrue();
    assertThat(said).contains("memory Mail[to=ada, copies=2]").contains(protocol + " Mail[to=ada, copies=2]");
    assertThat(program.exitValue()).as(said).isZero();
  }
}

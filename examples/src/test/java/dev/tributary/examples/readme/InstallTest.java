package dev.tributary.examples.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README says is to be installed is what this build makes, in the version that it has. */
class InstallTest {
  private static final Path ROOT = Path.of("..");
  private static final Path SAMPLES = Path.of("src/test/resources/readme");

  @Test
  void artifactsAreThoseOfTheModules() throws IOException {
    assertThat(modules()).containsAll(named("tributary-[a-z]+", Files.readString(ROOT.resolve("README.md"))));
    assertThat(named("tributary-[a-z]+", Files.readString(SAMPLES.resolve("pom.xml")))).isNotEmpty();
  }

  @Test
  void versionsAreThoseOfTheBuild() throws IOException {
    String build = Files.readString(ROOT.resolve("pom.xml"));
    Set<String> known = named("<[a-z.-]*version>([^<$]+)</", build);
    Set<String> shown = named("<version>([^<]+)</version>", Files.readString(SAMPLES.resolve("pom.xml")));
    assertThat(shown.remove("1.0-SNAPSHOT")).as("the reader's own").isTrue();
    assertThat(known).containsAll(shown);
    assertThat(known).containsAll(named("[:\"](\\d+\\.\\d+[^:\"]*)\"", Files.readString(SAMPLES.resolve("build.gradle.kts"))));
  }

  private static Set<String> modules() throws IOException {
    Set<String> modules = new TreeSet<>();
    try (Stream<Path> folders = Files.list(ROOT)) {
      for (Path pom : folders.map(folder -> folder.resolve("pom.xml")).filter(Files::exists).toList()) {
        modules.addAll(named("<artifactId>(tributary-[a-z]+)</artifactId>", Files.readString(pom)));
      }
    }
    return modules;
  }

  private static Set<String> named(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(InstallTest::last).collect(Collectors.toCollection(TreeSet::new));
  }

  private static String last(MatchResult found) {
    return found.group(found.groupCount());
  }
}

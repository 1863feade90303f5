package dev.tributary.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The configuration table of the README has every option. */
class ReadmeOptionsTest {
  @ParameterizedTest
  @EnumSource
  void theReadmeNamesIt(ConfigOption option) throws IOException {
    String name = option.credential() ? "TRIBUTARY_" + option.name() : "`" + option.text() + "`";
    assertThat(Files.readString(Path.of("..", "README.md"))).contains(name);
  }
}

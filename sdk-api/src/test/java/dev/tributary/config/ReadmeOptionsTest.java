package dev.tributary.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The README has every option, and every variable of other clients. */
class ReadmeOptionsTest {
  @ParameterizedTest
  @EnumSource
  void theReadmeNamesIt(ConfigOption option) throws IOException {
    String name = option.credential() ? "TRIBUTARY_" + option.name() : "`" + option.text() + "`";
    assertThat(readme()).contains(name);
  }

  @ParameterizedTest
  @MethodSource
  void theReadmeNamesTheVariablesOfOtherClients(String variable) throws IOException {
    assertThat(readme()).contains("`" + variable + "`");
  }

  static Stream<String> theReadmeNamesTheVariablesOfOtherClients() {
    return ClientVariables.ALL.stream()
        .flatMap(theirs -> Stream.concat(Stream.of(theirs.endpoints()), theirs.variables().stream().map(ClientVariables.Variable::name)));
  }

  private static String readme() throws IOException {
    return Files.readString(Path.of("..", "README.md"));
  }
}

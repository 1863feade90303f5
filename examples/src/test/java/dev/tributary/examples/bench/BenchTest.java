package dev.tributary.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.testkit.server.EmbeddedServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The bench works on every backend; how fast is none of a test's business. */
class BenchTest {
  static List<Backend> backends() {
    return Backend.ALL;
  }

  @AfterEach
  void forgetSettings() {
    List.of("backend", "uri", "only").forEach(System::clearProperty);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void measuresEveryOperationOfEverySubject(Backend backend) throws Exception {
    List<Comparison> comparisons = new ArrayList<>();

    try (EmbeddedServer server = EmbeddedServer.of(backend.name()).start()) {
      new Bench(new Settings(List.of(backend), server.uri(), 0.01, 1, 8, null)).run(comparisons::add);
    }

    assertThat(comparisons).extracting(Comparison::operation).containsExactlyElementsOf(backend.operations());
    for (Comparison comparison : comparisons) {
      assertThat(comparison.rounds().keySet()).containsExactly("tributary", "t. verticle", "vert.x gRPC", "grpc-java", "grpc-java dir.");
      assertThat(comparison.rounds().values()).allSatisfy(
          rounds -> assertThat(rounds).singleElement().satisfies(measure -> assertThat(measure.perSecond()).isPositive()));
      assertThat(comparison.table()).contains(comparison.operation().label(), " of grpc-java");
    }
  }

  @Test
  void measuresAllBackendsUnlessToldOtherwise() {
    assertThat(Settings.fromSystemProperties().backends()).isEqualTo(Backend.ALL);
  }

  @Test
  void takesABackendByItsNameOrByTheUriOfAServer() {
    System.setProperty("backend", "flowmesh");
    assertThat(Settings.fromSystemProperties().backends()).extracting(Backend::name).containsExactly("flowmesh");

    System.setProperty("uri", "disheap://127.0.0.1:9090");
    Settings settings = Settings.fromSystemProperties();
    assertThat(settings.backends()).extracting(Backend::name).containsExactly("disheap");
    assertThat(settings.uri()).isEqualTo("disheap://127.0.0.1:9090");
  }

  @Test
  void saysWhatThereIsWhenAskedForSomethingElse() {
    System.setProperty("only", "pup");
    assertThatThrownBy(Settings::fromSystemProperties).hasMessageContaining("pup").hasMessageContaining("put");

    System.clearProperty("only");
    System.setProperty("backend", "rabbits");
    assertThatThrownBy(Settings::fromSystemProperties).hasMessageContaining("rabbits").hasMessageContaining("disheap");
  }
}

package dev.tributary.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.examples.bench.flowmesh.FlowMeshBackend;
import dev.tributary.testkit.server.EmbeddedServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The bench works on every backend; how fast is none of a test's business. */
class BenchTest {
  private static final List<String> ON_GRPC = List.of("vert.x gRPC", "grpc-java", "grpc-java dir.");
  private static final Map<String, List<String>> HAND_WRITTEN =
      Map.of("flowmesh", ON_GRPC, "disheap", ON_GRPC, "goqueue", List.of("WebClient"), "flymq", List.of("NetSocket", "NetSocket, pool"));

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
    List<String> handWritten = HAND_WRITTEN.get(backend.name());
    List<String> subjects = Stream.concat(Stream.of("tributary", "t. verticle"), handWritten.stream()).toList();
    List<Comparison> comparisons = new ArrayList<>();

    try (EmbeddedServer server = EmbeddedServer.of(backend.name()).start()) {
      new Bench(new Settings(List.of(backend), server.uri(), 0.01, 1, 1, 8, 100, 500, null)).run(comparisons::add);
    }

    assertThat(comparisons).extracting(Comparison::operation).containsExactlyElementsOf(backend.operations());
    for (Comparison comparison : comparisons) {
      assertThat(comparison.rounds().keySet()).containsExactlyElementsOf(subjects);
      assertThat(comparison.rounds().values()).allSatisfy(
          rounds -> assertThat(rounds).singleElement().satisfies(measure -> assertThat(measure.perSecond()).isPositive()));
      assertThat(comparison.table()).contains(comparison.operation().label());
      handWritten.forEach(other -> assertThat(comparison.table()).contains(" of " + other));
      Operation oneByOne = comparison.operation().oneByOne();
      if (oneByOne != null && backend.operations().contains(oneByOne)) {
        assertThat(comparison.table().lines()).hasSameSizeAs(subjects).allMatch(line -> line.contains(" of " + oneByOne.label()));
      }
    }
  }

  @Test
  void comparesBatchesWithCallsOneByOneIfThoseAreMeasuredToo() throws Exception {
    try (EmbeddedServer server = EmbeddedServer.flowmesh().start()) {
      new Bench(new Settings(List.of(new FlowMeshBackend()), server.uri(), 0.01, 1, 1, 8, 100, 500, "publish batched"))
          .run(alone -> assertThat(alone.table()).doesNotContain(" of publish one"));
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

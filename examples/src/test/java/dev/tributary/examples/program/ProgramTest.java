package dev.tributary.examples.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.examples.MetricsTour;
import dev.tributary.examples.bench.BenchMain;
import dev.tributary.examples.server.ServerMain;
import dev.tributary.testkit.server.EmbeddedServer;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the programs say when they are asked for what cannot be, each in a process of its own. */
class ProgramTest {
  private static final String QUICKSTART = "dev.tributary.examples.quickstart.QuickstartKt";

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final List<Process> processes = new ArrayList<>();

  @TempDir Path folder;

  @AfterEach
  void end() {
    processes.forEach(Process::destroyForcibly);
    System.clearProperty("number");
  }

  private Process start(String program, String... options) throws IOException {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m"));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    processes.add(process);
    return process;
  }

  private void assertRefuses(String program, String why, String... options) throws Exception {
    Process process = start(program, options);
    List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertThat(process.waitFor()).as("%s", lines).isEqualTo(Program.REFUSED);
    assertThat(lines).as("what begins, and why it cannot").hasSize(2);
    assertThat(lines.get(1)).contains(why);
  }

  @ParameterizedTest
  @CsvSource({"port, abc", "port, 80000", "port, -1", "protocol, kafka"})
  void theServer(String option, String value) throws Exception {
    assertRefuses(ServerMain.class.getName(), value, "-D" + option + "=" + value);
  }

  @Test
  void aPortThatAnotherHas() throws Exception {
    try (EmbeddedServer other = EmbeddedServer.flowmesh().start()) {
      String port = String.valueOf(other.port());
      assertRefuses(ServerMain.class.getName(), "port " + port, "-Dport=" + port);
      assertRefuses(MetricsTour.class.getName(), "port " + port, "-Dport=" + port, "-Duri=memory:");
    }
  }

  @ParameterizedTest
  @CsvSource({"seconds, soon", "rounds, 0", "backend, rabbits", "only, pup", "uri, rabbits://localhost"})
  void theBench(String option, String value) throws Exception {
    assertRefuses(BenchMain.class.getName(), value.replace("://localhost", ""), "-D" + option + "=" + value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing", "folder", "empty", "latin"})
  void filesOfTheQuickstart(String name) throws Exception {
    Files.createDirectory(folder.resolve("folder"));
    Files.writeString(folder.resolve("empty"), "\n \n");
    Files.write(folder.resolve("latin"), new byte[] {'f', (byte) 0xFC, 'r', '\n'});
    assertRefuses(QUICKSTART, folder.resolve(name).toString(), "-Dinput=" + folder.resolve(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kafka://localhost", "flowmesh", "rabbits:"})
  void uris(String uri) throws Exception {
    assertRefuses(QUICKSTART, ". ", "-Duri=" + uri, "-Ddata=data/earthquakes.jsonl");
    assertRefuses(MetricsTour.class.getName(), ". ", "-Duri=" + uri, "-Dport=1");
  }

  @Test
  void aServerThatIsNotInstalled() throws Exception {
    assertRefuses(QUICKSTART, "nats-server", "-Duri=nats:", "-Dtributary.nats-server=" + folder.resolve("missing"), "-Ddata=data/earthquakes.jsonl");
  }

  @Test
  void theServerSaysHowToGoOn() throws Exception {
    Process process = start(ServerMain.class.getName(), "-Dprotocol=goqueue", "-Dport=0", "-Dtoken=secret");
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      List<String> lines = new ArrayList<>();
      for (String line = output.readLine(); line != null && !line.contains("Ctrl-C"); line = output.readLine()) {
        lines.add(line);
      }
      assertThat(lines).anyMatch(line -> line.startsWith(ServerMain.READY + "goqueue://127.0.0.1:"));
      assertThat(lines).anyMatch(line -> line.contains("speaks goqueue"));
      assertThat(lines).anyMatch(line -> line.contains("-Pquickstart '-Duri=goqueue://TOKEN@127.0.0.1:"));
      assertThat(lines).noneMatch(line -> line.contains("secret"));
    }
  }

  /** As when Maven is told to end, which tells nobody. */
  @Test
  void aProgramEndsWithTheOneThatStartedIt() throws Exception {
    Process parent = start(Parent.class.getName());
    BufferedReader output = parent.inputReader(StandardCharsets.UTF_8);
    ProcessHandle child = ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
    assertThat(output.readLine()).isEqualTo("ready");
    parent.destroyForcibly();
    child.onExit().get(120, TimeUnit.SECONDS);
  }

  /** Starts a server, says its number and when it is ready, and stays. */
  static final class Parent {
    public static void main(String[] none) throws Exception {
      Process server =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-DwithParent=true",
                  "-Dport=0",
                  "-cp",
                  System.getProperty("java.class.path"),
                  ServerMain.class.getName())
              .start();
      System.out.println(server.pid());
      BufferedReader output = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
      while (!output.readLine().startsWith(ServerMain.READY)) {
        // Not yet.
      }
      System.out.println("ready");
      server.waitFor();
    }
  }

  private int code(Program.Body body) {
    return Program.code(body, new PrintStream(said, true, StandardCharsets.UTF_8));
  }

  @Test
  void exitCodesTellWhatIsWrong() {
    assertThat(code(() -> true)).isZero();
    assertThat(code(() -> false)).isEqualTo(Program.FAILED);
    assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(
            code(
                () -> {
                  throw new CompletionException(InvalidRequestException.of("too long", "Make it shorter"));
                }))
        .isEqualTo(Program.REFUSED);
    assertThat(
            code(
                () -> {
                  throw new Program.Failure("it hangs");
                }))
        .isEqualTo(Program.FAILED);
    assertThat(said.toString(StandardCharsets.UTF_8).lines()).containsExactly("too long. Make it shorter", "it hangs");
  }

  @Test
  void defectsAreShownWithTheirStack() {
    assertThat(
            code(
                () -> {
                  throw new IllegalStateException("a defect");
                }))
        .isEqualTo(Program.FAILED);
    assertThat(said.toString(StandardCharsets.UTF_8)).startsWith("this should not happen").contains("a defect", "\tat ");
  }

  @Test
  void silenceIsExplained() throws Exception {
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    Waiting.begin(out, "brief", Long.MAX_VALUE).close();
    Waiting patience = Waiting.begin(out, "still waiting", 1);
    while (said.size() == 0) {
      Thread.onSpinWait();
    }
    patience.close();
    assertThat(said.toString(StandardCharsets.UTF_8).lines()).containsExactly("still waiting");
  }

  @Test
  void numbersHaveBounds() {
    assertThat(Setting.number("number", 7, 1)).isEqualTo(7);
    System.setProperty("number", " 8 ");
    assertThat(Setting.number("number", 7, 1)).isEqualTo(8);
    Stream.of("0", "1e3", "99999999999")
        .forEach(
            wrong -> {
              System.setProperty("number", wrong);
              assertThatThrownBy(() -> Setting.number("number", 7, 1)).isInstanceOf(InvalidRequestException.class).hasMessageContaining(wrong);
            });
  }
}

package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.ServerLimits;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.ErrorStyle;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no request, or not quite: it is answered or the connection ends, and others are served. */
class FlyMqGarbageTest extends FlyMqTopic {
  private static final int HEADER = Frame.HEADER;

  private static byte[] payload(Opcode opcode) {
    ByteBuf frame = Frame.of(opcode, FlyMqAccessTest.request(opcode));
    return ByteBufUtil.getBytes(frame, HEADER, frame.readableBytes() - HEADER);
  }

  private void assertServes(EmbeddedServer server) {
    try (FlyMqClient other = new FlyMqClient(server)) {
      assertThat(other.<Answers.Produced>call(Opcode.PRODUCE, FlyMqClient.record("other", "", "v", -1)).partition()).isZero();
    }
  }

  /** Empty, cut at every byte, with bytes behind it, and with each bit flipped: all on one connection, each answered in its turn. */
  @ParameterizedTest
  @EnumSource(Opcode.class)
  void everyRequestIsAnsweredWhateverIsInIt(Opcode opcode) {
    EmbeddedServer server = start();
    FlyMqClient client = connect(server);
    byte[] whole = payload(opcode);
    List<byte[]> tried = new ArrayList<>();
    for (int length = 0; length < whole.length; length++) {
      tried.add(Arrays.copyOf(whole, length));
    }
    tried.add(Arrays.copyOf(whole, whole.length + 7));
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      tried.add(flipped);
    }
    for (byte[] one : tried) {
      client.send(FlyMqClient.frame(opcode.code(), 1, one));
      client.send(Opcode.WHOAMI, Message.EMPTY);
    }
    for (byte[] one : tried) {
      Frame answer = client.receive();
      assertThat(answer).as("%s %s", opcode, ByteBufUtil.hexDump(one)).isNotNull();
      assertThat(answer.opcode()).isIn(opcode.answerCode(), ErrorStyle.OPCODE);
      assertThat(client.receive().opcode()).isEqualTo(Opcode.WHOAMI.code());
    }
    assertServes(server);
  }

  @Test
  void opcodesThatNobodyServesAreNamed() {
    FlyMqClient client = connect(start());
    for (int code = 0; code < 0x100; code++) {
      if (Opcode.of(code) == null) {
        client.send(FlyMqClient.frame(code, 1, (byte) 1, (byte) 2));
        assertThat(FlyMqClient.error(client.receive())).isEqualTo("E0 unknown opcode: " + code);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"00", "ae", "af00", "af02080100000000", "af010801ffffffff", "af01080102000001", "474554202f20485454502f312e310d0a0d0a"})
  void whatIsNoFrameEndsTheConnectionWithoutAWord(String hex) {
    EmbeddedServer server = start();
    FlyMqClient client = connect(server);
    client.send(Opcode.WHOAMI, Message.EMPTY);
    client.send(ByteBufUtil.decodeHexDump(hex));
    assertThat(client.receive().opcode()).as("what was asked before").isEqualTo(Opcode.WHOAMI.code());
    assertThat(client.receive()).isNull();
    assertServes(server);
  }

  @Test
  void theLargestFrameIsTaken() {
    FlyMqClient client = connect(start());
    client.send(FlyMqClient.frame(Opcode.WHOAMI.code(), 1, new byte[Frame.MOST_BYTES]));
    assertThat(client.receive().opcode()).isEqualTo(Opcode.WHOAMI.code());
  }

  private static byte[] zip(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
      zip.write(plain);
    }
    return bytes.toByteArray();
  }

  @Test
  void zippedRequestsAreTakenAndBombsAreNot() throws Exception {
    EmbeddedServer server = start();
    FlyMqClient client = connect(server);
    byte[] zipped = zip(payload(Opcode.PRODUCE));
    byte[] bomb = zip(new byte[64 << 20]);
    for (int i = 0; i < 3; i++) {
      client.send(FlyMqClient.frame(Opcode.PRODUCE.code(), 3, zipped));
      client.send(FlyMqClient.frame(Opcode.PRODUCE.code(), 2, bomb));
      client.send(FlyMqClient.frame(Opcode.PRODUCE.code(), 3, Arrays.copyOf(zipped, zipped.length - 1)));
      client.send(FlyMqClient.frame(Opcode.WHOAMI.code(), 3));
      client.send(FlyMqClient.frame(Opcode.PRODUCE.code(), 1, payload(Opcode.PRODUCE)));
    }
    for (int i = 0; i < 3; i++) {
      assertThat(produced(client)).isEqualTo(2 * i);
      assertThat(FlyMqClient.error(client.receive())).startsWith("E0 gzip: more than 33554432 bytes");
      assertThat(FlyMqClient.error(client.receive())).isEqualTo("E0 unexpected EOF");
      assertThat(FlyMqClient.error(client.receive())).isEqualTo("E0 EOF");
      assertThat(produced(client)).isEqualTo(2 * i + 1);
    }
    assertServes(server);
  }

  private static long produced(FlyMqClient client) throws Exception {
    return ((Answers.Produced) Opcode.PRODUCE.answer(client.receive())).offset();
  }

  @Test
  void noise() {
    EmbeddedServer server = start();
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      byte[] noise = new byte[random.nextInt(300)];
      random.nextBytes(noise);
      try (FlyMqClient client = new FlyMqClient(server)) {
        client.send(FlyMqClient.frame(random.nextInt(0x100), random.nextInt(0x100), noise));
        assertThat(client.receive()).as("round %d", i).isNotNull();
      }
    }
    assertServes(server);
  }

  @Test
  void halfARequestIsNotWaitedForForEver() {
    Duration limit = Duration.ofMillis(200);
    Duration never = Duration.ofMinutes(10);
    EmbeddedServer idle = opened(EmbeddedServer.flymq().limits(ServerLimits.DEFAULT.withTimes(never, never, limit)).start());
    FlyMqClient silent = connect(idle);
    silent.send(Opcode.WHOAMI, Message.EMPTY);
    assertThat(silent.receive()).isNotNull();
    assertThat(silent.receive()).as("nothing more").isNull();
    EmbeddedServer headers = opened(EmbeddedServer.flymq().limits(ServerLimits.DEFAULT.withTimes(limit, never, never)).start());
    assertThat(connect(headers).receive()).as("nothing at all").isNull();
    FlyMqClient half = connect(headers);
    half.send(ByteBufUtil.decodeHexDump("af0108"));
    assertThat(half.receive()).as("half a header").isNull();
    EmbeddedServer bodies = opened(EmbeddedServer.flymq().limits(ServerLimits.DEFAULT.withTimes(never, limit, never)).start());
    FlyMqClient more = connect(bodies);
    more.send(Opcode.WHOAMI, Message.EMPTY);
    more.send(ByteBufUtil.decodeHexDump("af0108010000000901"));
    assertThat(more.receive()).isNotNull();
    assertThat(more.receive()).as("half a payload").isNull();
  }

  @Test
  void unfinishedRequestsAreBoundedOverAllConnections() {
    int half = 50_000;
    EmbeddedServer server = opened(EmbeddedServer.flymq().limits(ServerLimits.DEFAULT.withHeldBytes(5 * half + half / 2)).start());
    List<FlyMqClient> clients = new ArrayList<>();
    byte[] whole = FlyMqClient.frame(Opcode.WHOAMI.code(), 1, new byte[2 * half]);
    for (int i = 0; i < 20; i++) {
      FlyMqClient client = connect(server);
      client.send(Arrays.copyOf(whole, HEADER + half));
      clients.add(client);
    }
    assertServes(server);
    long ended = clients.stream().filter(client -> ends(client, Arrays.copyOfRange(whole, HEADER + half, whole.length))).count();
    assertThat(ended).isGreaterThanOrEqualTo(15);
  }

  /** Whether the server does not take the rest. */
  private static boolean ends(FlyMqClient client, byte[] rest) {
    try {
      client.send(rest);
    } catch (UncheckedIOException gone) {
      return true;
    }
    return client.receive() == null;
  }
}

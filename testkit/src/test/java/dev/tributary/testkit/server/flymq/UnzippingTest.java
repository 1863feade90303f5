package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Malformed;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class UnzippingTest {
  private static final int ZIPPED = 3;

  private final Deque<Runnable> work = new ArrayDeque<>();
  private final List<CompletableFuture<String>> answering = new ArrayList<>();
  /** There is room for two that may be as large as any. */
  private final Unzipping unzipping = new Unzipping(work::add, 2L * Frame.MOST_BYTES + 100);

  private CompletableFuture<String> send(int bytes) throws IOException {
    return send(zip(bytes));
  }

  private CompletableFuture<String> send(byte[] payload) {
    return unzipping.answer(
        new Frame(Opcode.PRODUCE.code(), ZIPPED, Unpooled.wrappedBuffer(payload)),
        plain -> {
          CompletableFuture<String> answer = new CompletableFuture<>();
          answering.add(answer);
          return answer;
        });
  }

  private void workOn(int tasks) {
    for (int i = 0; i < tasks; i++) {
      work.remove().run();
    }
  }

  @Test
  void onlyAsManyAreUnzippedAsThereIsRoomForTheLargest() throws Exception {
    for (int i = 0; i < 5; i++) {
      send(1);
    }
    assertThat(work).hasSize(2);
    workOn(1);
    assertThat(work).as("the first is small, so that there is room for one more").hasSize(2);
    workOn(4);
    assertThat(work).isEmpty();
    assertThat(answering).hasSize(5);
  }

  @Test
  void whatWasUnzippedTakesRoomUntilItIsAnswered() throws Exception {
    send(Frame.MOST_BYTES);
    send(Frame.MOST_BYTES);
    CompletableFuture<String> small = send(1);
    workOn(2);
    assertThat(work).as("two are held").isEmpty();
    answering.get(1).complete("done");
    workOn(1);
    answering.get(2).complete("small");
    assertThat(small).isCompletedWithValue("small");
  }

  @Test
  void whatCannotBeUnzippedLeavesItsRoom() {
    for (int i = 0; i < 4; i++) {
      assertThat(send(new byte[] {1}).isDone()).isFalse();
    }
    CompletableFuture<String> garbage = send(new byte[] {1});
    workOn(5);
    assertThat(garbage).isCompletedExceptionally();
    assertThat(garbage.handle((answer, error) -> error).join()).isInstanceOf(Malformed.class);
    assertThat(answering).isEmpty();
  }

  @Test
  void whoeverIsGoneDoesNotWait() throws Exception {
    List<CompletableFuture<String>> sent = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      sent.add(send(Frame.MOST_BYTES));
    }
    sent.get(0).cancel(true);
    sent.get(2).cancel(true);
    assertThat(work).as("the first takes its room until it is unzipped").hasSize(2);
    workOn(1);
    assertThat(work).hasSize(2);
    workOn(2);
    assertThat(answering).hasSize(2);
    assertThat(work).isEmpty();
  }

  @Test
  void oneIsUnzippedHoweverLittleRoomThereIs() throws Exception {
    Unzipping narrow = new Unzipping(work::add, 10);
    CompletableFuture<Integer> bytes =
        narrow.answer(
            new Frame(Opcode.PRODUCE.code(), ZIPPED, Unpooled.wrappedBuffer(zip(1_000))),
            plain -> CompletableFuture.completedFuture(plain.payload().readableBytes()));
    workOn(1);
    assertThat(bytes).isCompletedWithValue(1_000);
  }

  private static byte[] zip(int bytes) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
      zip.write(new byte[bytes]);
    }
    return zipped.toByteArray();
  }
}

package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.admin.Retention;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.OffsetReset;
import dev.tributary.stream.StartAt;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetentionTest extends EngineFixture {
  private final StreamTransport streams = transport.streams().orElseThrow();
  private final Recorder<Message<byte[]>> seen = new Recorder<>(EngineFixture::show);

  @Override
  MemoryEngine build(MemoryEngine.Builder builder) {
    return builder.retention(Retention.maxMessages(3)).build();
  }

  private void create(Retention retention) {
    now(transport.admin().orElseThrow().createStream(name("s"), StreamConfig.retention(retention), deadline));
  }

  private StreamSource subscribe(OffsetReset reset) {
    return streams.subscribe(new SubscribeSpec(name("s"), null, Set.of(), StartAt.earliest(), reset, 16), seen);
  }

  @Test
  void aStreamThatSaysNothingKeepsWhatTheEngineSays() {
    publishAll("s", "a", "b", "c", "d", "e");
    assertThat(read("s", 0, 0)).containsExactly("2:c", "3:d", "4:e");
  }

  @Test
  void aStreamSaysHowManyMessagesItKeeps() {
    create(Retention.maxMessages(2));
    for (int i = 0; i < 2000; i++) {
      publish("s", "v" + i);
      assertThat(read("s", 0, 0)).hasSize(Math.min(2, i + 1)).endsWith(i + ":v" + i);
    }
  }

  @Test
  void aStreamSaysHowManyBytesItKeeps() {
    create(Retention.builder().maxMessages(100).maxBytes(10).build());
    publish("s", "1234");
    publish("s", Event.builder(bytes("12")).key("k").headers(java.util.Map.of("h", "v")).build());
    assertThat(read("s", 0, 0)).containsExactly("0:1234", "1:12");
    publish("s", "3");
    assertThat(read("s", 0, 0)).containsExactly("0:1234", "1:12", "2:3");
    publish("s", "4");
    publish("s", "5");
    assertThat(read("s", 0, 0)).containsExactly("1:12", "2:3", "3:4", "4:5");
    publish("s", "larger than everything");
    assertThat(read("s", 0, 0)).containsExactly("5:larger than everything");
  }

  @Test
  void aReaderThatRetentionPassedEndsAndSaysWhere() {
    StreamSource source = subscribe(OffsetReset.FAIL);
    publishAll("s", "a", "b");
    source.request(1);
    publishAll("s", "c", "d");
    source.request(1);
    publishAll("s", "e", "f", "g", "h");
    source.request(10);
    assertThat(seen.news()).containsExactly("LIVE", "+[0]", "0:a", "1:b", "end OffsetOutOfRangeException");
    assertThat(seen.error).isInstanceOf(OffsetOutOfRangeException.class).hasMessageContaining("5 to 7");
  }

  @Test
  void aReaderThatRetentionPassedGoesOnAtTheFirstMessageThere() {
    StreamSource source = subscribe(OffsetReset.EARLIEST);
    publishAll("s", "a", "b", "c", "d", "e");
    source.request(10);
    assertThat(seen.news()).containsExactly("LIVE", "+[0]", "2:c", "3:d", "4:e");
  }

  @Test
  void aReaderThatRetentionPassedGoesOnAtTheEnd() {
    StreamSource source = subscribe(OffsetReset.LATEST);
    publishAll("s", "a", "b", "c", "d", "e");
    source.request(10);
    publish("s", "f");
    assertThat(seen.news()).containsExactly("LIVE", "+[0]", "5:f");
  }

  @Test
  void anEventThatEndedByItsTtlIsNotMissed() {
    create(Retention.maxAge(Duration.ofHours(1)));
    StreamSource source = subscribe(OffsetReset.FAIL);
    publish("s", Event.builder(bytes("short")).ttl(Duration.ofSeconds(5)).build());
    seconds(5);
    publish("s", "long");
    source.request(1);
    assertThat(seen.news()).containsExactly("LIVE", "+[0]", "1:long");
    List<String> many = IntStream.range(0, 300).mapToObj(i -> "v" + i).toList();
    many.forEach(value -> publish("s", value));
    seconds(3600);
    source.request(1);
    assertThat(seen.error).isInstanceOf(OffsetOutOfRangeException.class);
  }

  @Test
  void nothingIsDeliveredWithoutRoom() {
    publishAll("s", "a", "b");
    long[] room = {1};
    Recorder<Message<byte[]>> bounded =
        new Recorder<>(EngineFixture::show) {
          @Override
          public void onItem(Message<byte[]> message) {
            super.onItem(message);
            room[0]--;
          }

          @Override
          public long room() {
            return room[0];
          }
        };
    StreamSource source = streams.subscribe(new SubscribeSpec(name("s"), null, Set.of(), StartAt.earliest(), 16), bounded);
    source.request(10);
    assertThat(bounded.news()).containsExactly("LIVE", "+[0]", "0:a");
    room[0] = 2;
    source.request(0);
    assertThat(bounded.news()).containsExactly("1:b");
    publish("s", "c");
    publish("s", "d");
    assertThat(bounded.news()).containsExactly("2:c");
  }
}

package dev.tributary.nats;

import dev.tributary.error.TributaryException;
import dev.tributary.internal.driver.Fit;
import dev.tributary.kv.Change;
import dev.tributary.nats.client.Link;
import dev.tributary.nats.client.NatsCaller;
import dev.tributary.nats.client.Reader;
import dev.tributary.nats.wire.Answers;
import dev.tributary.nats.wire.Entry;
import dev.tributary.nats.wire.Tokens;
import dev.tributary.spi.SourceObserver;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A watch of a bucket: a {@link Reader} of all its keys, from where it began, or from behind what was delivered. */
final class NatsWatch extends Resuming<Change<byte[]>> {
  private final String bucket;
  private final String prefix;
  private final Consumer<NatsWatch> onOver;
  private final Fit fit = new Fit(NatsDriver.PAYLOAD_BYTES);
  private @Nullable Reader reader;
  /** The sequence to read next; 0 as long as it has not begun. */
  private long next;
  private int here;
  private long waiting;

  NatsWatch(NatsCaller caller, String bucket, String prefix, SourceObserver<Change<byte[]>> observer, Consumer<NatsWatch> onOver) {
    super(caller, observer);
    this.bucket = bucket;
    this.prefix = prefix;
    this.onOver = onOver;
  }

  @Override
  void begin(int session, Link link) {
    if (next > 0) {
      read(session, link);
      return;
    }
    ask(
        session,
        caller.within(
            caller.config().timeout(), deadline -> caller.api("STREAM.INFO.KV_" + bucket, null, Answers.Stream.class, deadline)),
        stream -> {
          next = Objects.requireNonNull(stream.state()).lastSeq() + 1;
          read(session, link);
        });
  }

  private void read(int session, Link link) {
    reader =
        new Reader(
            caller,
            link,
            turns,
            "KV_" + bucket,
            new Reader.Owner() {
              @Override
              public void opened() {
                works(session);
                wanted();
              }

              @Override
              public void read(Entry entry) {
                came(session, entry);
              }

              @Override
              public void unused() {
                wanted();
              }

              @Override
              public void broke(TributaryException error) {
                failed(session, error);
              }
            });
    reader.open("$KV." + bucket + ".>", next);
  }

  private void came(int session, Entry entry) {
    String key = Tokens.text(entry.subject().substring("$KV.".length() + bucket.length() + 1));
    if (key.startsWith(prefix)) {
      here++;
      waiting += entry.data().length;
      fit.saw(entry.data().length);
      arrived(session, change(key, entry));
    } else if (here == 0) {
      next = entry.seq() + 1;
      wanted();
    }
  }

  private static Change<byte[]> change(String key, Entry entry) {
    if (!NatsKeyValue.gone(entry)) {
      return new Change<>(Change.Kind.PUT, key, entry.data(), entry.seq());
    }
    boolean expired = "MaxAge".equals(entry.header("Nats-Marker-Reason"));
    return new Change<>(expired ? Change.Kind.EXPIRED : Change.Kind.DELETED, key, null, entry.seq());
  }

  @Override
  CompletableFuture<Void> stop(boolean last) {
    if (reader != null) {
      reader.close();
      reader = null;
    }
    here = 0;
    waiting = 0;
    return CompletableFuture.completedFuture(null);
  }

  @Override
  void delivered(Change<byte[]> change) {
    here--;
    waiting -= change.value() == null ? 0 : change.value().length;
    next = change.revision() + 1;
  }

  @Override
  void wanted() {
    if (reader == null || !reader.ready()) {
      return;
    }
    int window = Math.max(1, caller.config().prefetch());
    int under = here + reader.outstanding();
    long more = Math.min(window, fit.in(observer.room() - waiting)) - under;
    if (more >= (window + 1) / 2 || under == 0 && more > 0) {
      reader.ask((int) more);
    }
  }

  @Override
  void over() {
    onOver.accept(this);
  }
}

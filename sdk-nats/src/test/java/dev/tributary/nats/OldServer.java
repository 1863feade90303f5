package dev.tributary.nats;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A server that answers what it can do as those before 2.12 did, and nothing else. */
final class OldServer implements AutoCloseable {
  private static final String INFO =
      "INFO {\"server_id\":\"OLD\",\"server_name\":\"old\",\"version\":\"2.9.10\",\"proto\":1,\"headers\":true,\"max_payload\":1048576,\"jetstream\":true}\r\n";

  private final ServerSocket socket;

  OldServer() {
    try {
      socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException none) {
      throw new UncheckedIOException(none);
    }
    Thread thread = new Thread(this::accept, "old-server");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return socket.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = socket.accept();
        Thread thread = new Thread(() -> serve(client), "old-server-connection");
        thread.setDaemon(true);
        thread.start();
      }
    } catch (IOException closed) {
      // By close.
    }
  }

  private void serve(Socket client) {
    try (client) {
      OutputStream out = client.getOutputStream();
      out.write(bytes(INFO));
      BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
      String sid = "";
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ");
        switch (words[0].toUpperCase(Locale.ROOT)) {
          case "PING" -> out.write(bytes("PONG\r\n"));
          case "SUB" -> sid = words[words.length - 1];
          case "PUB" -> {
            String account = "{\"type\":\"io.nats.jetstream.api.v1.account_info_response\",\"memory\":0,\"storage\":0}";
            out.write(bytes("MSG " + words[2] + " " + sid + " " + account.length() + "\r\n" + account + "\r\n"));
          }
          default -> { }
        }
      }
    } catch (IOException gone) {
      // The client.
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}

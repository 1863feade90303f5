package dev.tributary.config;

import dev.tributary.error.InvalidRequestException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a server listens.
 *
 * @param host a name or an address, without brackets
 * @param port 1 to 65535, or 0 for the backend's default
 */
public record Endpoint(String host, int port) {
  private static final Pattern ADDRESS = Pattern.compile("(?:\\[(?<ip>[^\\]]*)]|(?<name>[^:\\[\\]]*))(?::(?<port>[^:]*))?");
  private static final Pattern HOST_NAME = Pattern.compile("[\\p{L}\\p{N}._-]+");
  private static final Pattern IP = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[\\p{Alnum}._-]+)?");
  private static final Pattern PORT = Pattern.compile("\\d{1,9}");
  private static final Pattern LOOPBACK_V4 = Pattern.compile("127(\\.(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)){3}");
  private static final Pattern LITERAL_V6 = Pattern.compile("[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*");

  public Endpoint {
    if (host.isBlank()) {
      throw InvalidRequestException.of("an endpoint without a host", "Use host:port");
    }
    if (port < 0 || port > 65535) {
      throw InvalidRequestException.of("port " + port + " of " + host + " is out of range", "Use 1 to 65535");
    }
  }

  /**
   * Reads {@code host}, {@code host:port} or {@code [ip]:port}; without a port, the backend's default.
   *
   * @throws InvalidRequestException if it is none of these; the message never repeats the text, which may be a misplaced secret
   */
  public static Endpoint parse(String text) {
    Matcher address = ADDRESS.matcher(text);
    if (!address.matches()) {
      throw InvalidRequestException.of("an address is not host:port", "Put an IPv6 address in brackets: [::1]:50051");
    }
    String ip = address.group("ip");
    String host = ip == null ? address.group("name") : ip;
    if (!(ip == null ? HOST_NAME : IP).matcher(host).matches()) {
      throw InvalidRequestException.of(
          host.isEmpty() ? "there is a place for a host, but no host there" : "an address is not a host", "Write host:port, localhost:50051 for instance");
    }
    String port = address.group("port");
    return new Endpoint(host, port == null ? 0 : port(port));
  }

  private static int port(String text) {
    if (!PORT.matcher(text).matches()) {
      throw InvalidRequestException.of("the port of an address is not a number", "Use 1 to 65535; credentials stand before an @");
    }
    int port = Integer.parseInt(text);
    if (port < 1 || port > 65535) {
      throw InvalidRequestException.of("port " + port + " is out of range", "Use 1 to 65535");
    }
    return port;
  }

  /** The same with this port if it has none. */
  public Endpoint orPort(int defaultPort) {
    return port == 0 ? new Endpoint(host, defaultPort) : this;
  }

  /**
   * Whether what is sent there stays on this machine: {@code localhost}, {@code 127.0.0.0/8} or {@code ::1}. By the text alone, without
   * asking the name service.
   */
  public boolean loopback() {
    if (!LITERAL_V6.matcher(host).matches()) {
      return host.equalsIgnoreCase("localhost") || LOOPBACK_V4.matcher(host).matches();
    }
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException noAddress) {
      return false;
    }
  }

  /** Without a port where that is the backend's default. */
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + (port == 0 ? "" : ":" + port);
  }
}

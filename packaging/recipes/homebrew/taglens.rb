# brew install --build-from-source ./taglens.rb. Not tested.
class Taglens < Formula
  desc "Tags photographs with CLIP, on this machine"
  homepage "https://github.com/taglens/taglens"
  url "https://github.com/taglens/taglens/archive/v0.1.0.tar.gz"
  sha256 "SHA256"
  license any_of: ["MIT", "Apache-2.0"]
  depends_on "rust" => :build

  def install
    system "cargo", "install", *std_cargo_args
    generate_completions_from_executable(bin/"taglens", "completions")
    (man1/"taglens.1").write Utils.safe_popen_read(bin/"taglens", "man")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/taglens --version")
  end
end
